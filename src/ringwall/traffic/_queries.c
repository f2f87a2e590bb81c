/* Lines of a resolver query log -> columns of texts, of those lines that are usual.

   A line is usual if it is an object of texts, as AWS writes it, with a name and a time; `answers` is
   a list of such objects, `srcids` one. What else there may be in JSON (numbers, null, \u, bytes
   beyond ASCII, a key that comes twice) makes a line one for queries.py, which reads any.

   Rules:
   - No byte is read outside the buffer that Python lends for a call. Every line ends with a line
     feed, at which each loop over a line stops, for it stands in no usual text.
   - What is told of a line is no longer than the line, its name folded once more; rows are no more than the lines, and than so
     many bytes hold (`LEAST` each). The memory for both is taken before the first line is read.
   - While lines are read the interpreter is not touched, and its lock is free. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST (256 * 1024)
#define LEAST 38 /* bytes of {"query_name":"","query_timestamp":""} */
#define MOST_KEYS 32
#define NONE (-1)
#define WRONG (-2)
#define MOST_BYTES (64 * 1024 * 1024) /* of a call, so that places fit into 32 bits */

typedef const uint8_t *Place;

typedef struct {
    Place text; /* NULL: there is none */
    uint32_t length;
} Text;

typedef struct {
    uint64_t hash;
    Text text;
} Entry;

typedef struct {
    int32_t *codes;  /* of each row, -1 for none */
    uint32_t *slots; /* code + 1, or 0; as many as mask + 1 */
    Entry *entries;
    uint32_t count;
    int32_t last; /* the code before, which often comes again */
} Column;

enum { NAME, TIME, PORT }; /* the first keys */

/* The columns: those of `keys`, those of `sources`, and one of answers. */
typedef struct {
    Text names[MOST_KEYS];
    int keys, sources;
    Column columns[MOST_KEYS + 1];
    size_t mask;
    int32_t *numbers; /* of each row, the number of its line */
    uint8_t *arena, *next; /* texts that are not in the lines as they are */
    uint8_t *scratch;      /* those of one answer, until it is told */
    int guesses[MOST_KEYS]; /* of the line before, which key came where */
} Reader;

/* ---- Texts ------------------------------------------------------------------------------------ */

/* What a byte is within quotes: 0 part of the text, 1 its end, 2 an escape, 3 nothing usual. */
static uint8_t kinds[256];

static void fill_kinds(void)
{
    for (int byte = 0; byte < 256; byte++)
        kinds[byte] = byte < 0x20 || byte > 0x7f ? 3 : byte == '"' ? 1 : byte == '\\' ? 2 : 0;
}

static inline Place blanks(Place at)
{
    while (*at == ' ' || *at == '\t' || *at == '\r')
        at++;
    return at;
}

/* Read a text with escapes, from the first of them on, into the arena; NULL if it is not usual. */
static Place escaped(Reader *self, Place begin, Place at, Text *text)
{
    uint8_t *to = self->next;
    memcpy(to, begin, (size_t)(at - begin));
    text->text = to;
    to += at - begin;
    for (;; at++) {
        uint8_t byte = *at;
        if (kinds[byte] == 3)
            return NULL;
        if (kinds[byte] == 1)
            break;
        if (kinds[byte] == 2) {
            switch (*++at) {
            case '"': case '\\': case '/': byte = *at; break;
            case 'b': byte = '\b'; break;
            case 'f': byte = '\f'; break;
            case 'n': byte = '\n'; break;
            case 'r': byte = '\r'; break;
            case 't': byte = '\t'; break;
            default: return NULL;
            }
        }
        *to++ = byte;
    }
    text->length = (uint32_t)(to - text->text);
    self->next = to;
    return at + 1;
}

/* Read a text in quotes; return what follows it, or NULL if it is not usual. */
static inline Place quoted(Reader *self, Place at, Text *text)
{
    if (*at != '"')
        return NULL;
    Place begin = ++at;
    while (!kinds[*at])
        at++;
    if (kinds[*at] == 2)
        return escaped(self, begin, at, text);
    if (kinds[*at] == 3)
        return NULL;
    *text = (Text){begin, (uint32_t)(at - begin)};
    return at + 1;
}

/* Read `"key":`, which has no escapes. */
static inline Place key_of(Reader *self, Place at, Text *key)
{
    uint8_t *before = self->next;
    at = quoted(self, at, key);
    if (!at || self->next != before)
        return NULL;
    at = blanks(at);
    return *at == ':' ? blanks(at + 1) : NULL;
}

/* Tell whether a key is a name, in which `-` and `_` are alike. */
static inline int is_name(Text key, Text name)
{
    if (key.length != name.length)
        return 0;
    for (uint32_t at = 0; at < key.length; at++)
        if (key.text[at] != name.text[at] && !(key.text[at] == '-' && name.text[at] == '_'))
            return 0;
    return 1;
}

static inline int is_word(Text key, const char *word)
{
    return key.length == strlen(word) && !memcmp(key.text, word, key.length);
}

/* After a member: what comes next is another (1), nothing (0), or nothing usual (-1). */
static inline int goes_on(Place *at, uint8_t end)
{
    Place here = blanks(*at);
    if (*here == ',') {
        *at = blanks(here + 1);
        return 1;
    }
    *at = here + 1;
    return *here == end ? 0 : -1;
}

/* ---- Lines ------------------------------------------------------------------------------------ */

static Place read_sources(Reader *self, Place at, Text *values)
{
    if (*at != '{')
        return NULL;
    at = blanks(at + 1);
    if (*at == '}')
        return at + 1;
    for (;;) {
        Text key, value;
        if (!(at = key_of(self, at, &key)) || !(at = quoted(self, at, &value)))
            return NULL;
        for (int n = self->keys; n < self->keys + self->sources; n++)
            if (is_name(key, self->names[n])) {
                if (values[n].text)
                    return NULL;
                values[n] = value;
            }
        int more = goes_on(&at, '}');
        if (more <= 0)
            return more ? NULL : at;
    }
}

static Place read_answer(Reader *self, Place at, Text *kind, Text *data)
{
    Text class = {NULL, 0};
    if (*at != '{')
        return NULL;
    at = blanks(at + 1);
    if (*at == '}')
        return at + 1;
    for (;;) {
        Text key, value;
        if (!(at = key_of(self, at, &key)) || !(at = quoted(self, at, &value)))
            return NULL;
        Text *to = is_word(key, "Rdata") ? data : is_word(key, "Type") ? kind
                   : is_word(key, "Class") ? &class : NULL;
        if (!to || to->text)
            return NULL;
        *to = value;
        int more = goes_on(&at, '}');
        if (more <= 0)
            return more ? NULL : at;
    }
}

static uint8_t *put(uint8_t *to, Text text)
{
    for (uint32_t at = 0; at < text.length; at++)
        *to++ = text.text[at] == '\n' ? ' ' : text.text[at];
    return to;
}

/* Read answers as `TYPE RDATA`, one to a line. */
static Place read_answers(Reader *self, Place at, Text *answers)
{
    if (*at != '[')
        return NULL;
    at = blanks(at + 1);
    if (*at == ']')
        return at + 1;
    uint8_t *told = self->next, *to = told;
    for (;;) {
        Text kind = {NULL, 0}, data = {NULL, 0};
        self->next = self->scratch;
        at = read_answer(self, at, &kind, &data);
        if (!at)
            return NULL;
        if (to != told)
            *to++ = '\n';
        to = kind.length ? put(to, kind) : (*to = '?', to + 1);
        *to++ = ' ';
        to = put(to, data);
        int more = goes_on(&at, ']');
        if (more < 0)
            return NULL;
        if (!more)
            break;
    }
    *answers = (Text){told, (uint32_t)(to - told)};
    self->next = to;
    return at;
}

static int find_key(Reader *self, Text key, int place)
{
    int guess = place < MOST_KEYS ? self->guesses[place] : -1;
    if (guess >= 0 && is_name(key, self->names[guess]))
        return guess;
    for (int n = 0; n < self->keys; n++)
        if (is_name(key, self->names[n])) {
            if (place < MOST_KEYS)
                self->guesses[place] = n;
            return n;
        }
    return -1;
}

/* Read a line; return whether it is usual. */
static int read_line(Reader *self, Place at, Place end, Text *values)
{
    int place = 0, answered = 0, sourced = 0;
    at = blanks(at);
    if (*at != '{')
        return 0;
    at = blanks(at + 1);
    for (;; place++) {
        Text key, value;
        if (!(at = key_of(self, at, &key)))
            return 0;
        if (is_word(key, "answers")) {
            if (answered++ || !(at = read_answers(self, at, &values[self->keys + self->sources])))
                return 0;
        } else if (is_word(key, "srcids")) {
            if (sourced++ || !(at = read_sources(self, at, values)))
                return 0;
        } else {
            int n = find_key(self, key, place);
            if (!(at = quoted(self, at, &value)) || (n >= 0 && values[n].text))
                return 0;
            if (n >= 0)
                values[n] = value;
        }
        int more = goes_on(&at, '}');
        if (more < 0)
            return 0;
        if (!more)
            break;
    }
    return blanks(at) == end && values[NAME].text && values[TIME].text;
}

static inline uint64_t hash_of(Text text)
{
    uint64_t hash = text.length, word;
    uint32_t at = 0;
    for (; at + 8 <= text.length; at += 8) {
        memcpy(&word, text.text + at, 8);
        hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
        hash ^= hash >> 29;
    }
    word = 0;
    memcpy(&word, text.text + at, text.length - at);
    hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ (hash >> 29);
}

static inline int is_same(Text one, Text other)
{
    return one.length == other.length && !memcmp(one.text, other.text, one.length);
}

/* Return the code of a text; there is room for one more of them than there are rows. */
static int32_t code_of(Column *column, size_t mask, Text text)
{
    if (!text.text)
        return -1;
    if (column->last >= 0 && is_same(column->entries[column->last].text, text))
        return column->last;
    uint64_t hash = hash_of(text);
    size_t at = hash & mask;
    for (; column->slots[at]; at = (at + 1) & mask) {
        Entry *entry = &column->entries[column->slots[at] - 1];
        if (entry->hash == hash && is_same(entry->text, text))
            return column->last = (int32_t)(column->slots[at] - 1);
    }
    column->entries[column->count] = (Entry){hash, text};
    column->slots[at] = ++column->count;
    return column->last = (int32_t)(column->count - 1);
}

/* Return a name in lower case, without its last dot. */
static Text folded(Reader *self, Text name)
{
    uint8_t *to = self->next;
    for (uint32_t at = 0; at < name.length; at++) {
        uint8_t byte = name.text[at];
        to[at] = byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte;
    }
    uint32_t length = name.length;
    if (length && to[length - 1] == '.')
        length--;
    if (!length)
        to[length++] = '.';
    self->next = to + length;
    return (Text){to, length};
}

/* Return a port, NONE or WRONG. */
static int32_t port_of(Text text)
{
    if (!text.length || (text.length == 1 && *text.text == '-'))
        return NONE;
    if (text.length > 19)
        return WRONG;
    int32_t port = 0;
    for (uint32_t at = 0; at < text.length; at++) {
        uint8_t byte = text.text[at];
        if (byte < '0' || byte > '9' || (port = port * 10 + (byte - '0')) > 65535)
            return WRONG;
    }
    return port;
}

/* Read lines; return how many are usual. */
static uint32_t read_lines(Reader *self, Place at, Place end)
{
    uint32_t rows = 0;
    int columns = self->keys + self->sources + 1;
    for (int32_t number = 0; at < end; number++) {
        Place stop = memchr(at, '\n', (size_t)(end - at));
        Text values[MOST_KEYS + 1] = {{NULL, 0}};
        uint8_t *before = self->next;
        if (stop - at <= LONGEST && stop - at >= LEAST && read_line(self, at, stop, values)) {
            values[NAME] = folded(self, values[NAME]);
            for (int n = 0; n < columns; n++)
                self->columns[n].codes[rows] =
                    n == PORT ? port_of(values[n])
                              : code_of(&self->columns[n], self->mask, values[n]);
            self->numbers[rows++] = number;
        } else
            self->next = before;
        at = stop + 1;
    }
    return rows;
}

/* ---- Python ------------------------------------------------------------------------------------ */

static void let_go(Reader *self)
{
    for (int n = 0; n <= MOST_KEYS; n++) {
        free(self->columns[n].codes);
        free(self->columns[n].slots);
        free(self->columns[n].entries);
    }
    free(self->numbers);
    free(self->arena);
    free(self->scratch);
    free(self);
}

/* Take the memory for so many rows; return whether there is any. */
static int take(Reader *self, size_t rows, size_t bytes)
{
    self->mask = 63;
    while (self->mask < 2 * rows)
        self->mask = self->mask * 2 + 1;
    for (int n = 0; n < self->keys + self->sources + 1; n++) {
        Column *column = &self->columns[n];
        column->last = -1;
        column->codes = malloc((rows + 1) * sizeof *column->codes);
        column->slots = calloc(self->mask + 1, sizeof *column->slots);
        column->entries = malloc((rows + 1) * sizeof *column->entries);
        if (!column->codes || !column->slots || !column->entries)
            return 0;
    }
    self->numbers = malloc((rows + 1) * sizeof *self->numbers);
    self->next = self->arena = malloc(2 * bytes + 64);
    self->scratch = malloc(LONGEST + 64);
    return self->numbers && self->arena && self->scratch;
}

/* Read the names of keys, which live as long as the tuple; return how many, or -1. */
static int names_of(PyObject *tuple, Text *names, int most)
{
    Py_ssize_t count = PyTuple_Size(tuple);
    if (count < 0)
        return -1;
    if (count > most) {
        PyErr_SetString(PyExc_ValueError, "too many keys");
        return -1;
    }
    for (Py_ssize_t n = 0; n < count; n++) {
        char *text;
        Py_ssize_t length;
        if (PyBytes_AsStringAndSize(PyTuple_GetItem(tuple, n), &text, &length) < 0)
            return -1;
        names[n] = (Text){(Place)text, (uint32_t)length};
    }
    return (int)count;
}

static PyObject *column_of(Column *column, uint32_t rows)
{
    PyObject *texts = PyList_New((Py_ssize_t)column->count);
    for (uint32_t n = 0; texts && n < column->count; n++) {
        Text text = column->entries[n].text;
        PyObject *each = PyBytes_FromStringAndSize((const char *)text.text, text.length);
        if (!each || PyList_SetItem(texts, (Py_ssize_t)n, each) < 0)
            Py_CLEAR(texts);
    }
    if (!texts)
        return NULL;
    return Py_BuildValue("(y#N)", (const char *)column->codes,
                         (Py_ssize_t)(rows * sizeof *column->codes), texts);
}

static PyObject *result(Reader *self, size_t lines, uint32_t rows)
{
    int count = self->keys + self->sources + 1;
    PyObject *columns = PyTuple_New(count);
    for (int n = 0; columns && n < count; n++) {
        PyObject *each = column_of(&self->columns[n], rows);
        if (!each || PyTuple_SetItem(columns, n, each) < 0)
            Py_CLEAR(columns);
    }
    if (!columns)
        return NULL;
    return Py_BuildValue("(ny#N)", (Py_ssize_t)lines, (const char *)self->numbers,
                         (Py_ssize_t)(rows * sizeof *self->numbers), columns);
}

PyDoc_STRVAR(scan_doc,
             "scan(data, keys, sources)\n--\n\n"
             "Read the usual lines of data, which ends with a line feed.\n\n"
             "The first of the keys are query_name, query_timestamp and srcport. Return how many\n"
             "lines there are; the numbers of those that are usual, from 0; and of each of keys, of\n"
             "sources, and of the answers the codes of these lines and the texts that they name.\n"
             "Numbers and codes are int32, -1 for none. Names are in lower case without the last\n"
             "dot; ports stand in the place of their codes, -2 for what is none.");

static PyObject *scan(PyObject *module, PyObject *args)
{
    (void)module;
    PyObject *data, *keys, *sources;
    char *bytes;
    Py_ssize_t length;
    if (!PyArg_ParseTuple(args, "SO!O!", &data, &PyTuple_Type, &keys, &PyTuple_Type, &sources)
        || PyBytes_AsStringAndSize(data, &bytes, &length) < 0)
        return NULL;
    if (length > MOST_BYTES || (length && bytes[length - 1] != '\n')) {
        PyErr_SetString(PyExc_ValueError, "not lines, or too many");
        return NULL;
    }
    Reader *self = calloc(1, sizeof *self);
    if (!self)
        return PyErr_NoMemory();
    PyObject *found = NULL;
    memset(self->guesses, -1, sizeof self->guesses);
    self->keys = names_of(keys, self->names, MOST_KEYS);
    if (self->keys < 0)
        goto end;
    self->sources = names_of(sources, self->names + self->keys, MOST_KEYS - self->keys);
    if (self->sources < 0)
        goto end;
    if (self->keys <= PORT) {
        PyErr_SetString(PyExc_ValueError, "no keys of a name, a time and a port");
        goto end;
    }
    Place begin = (Place)bytes, stop = begin + length;
    size_t lines = 0, most = (size_t)length / LEAST + 1;
    for (Place at = begin; at < stop; lines++)
        at = (Place)memchr(at, '\n', (size_t)(stop - at)) + 1;
    if (!take(self, lines < most ? lines : most, (size_t)length)) {
        PyErr_NoMemory();
        goto end;
    }
    uint32_t rows;
    Py_BEGIN_ALLOW_THREADS
    rows = read_lines(self, begin, stop);
    Py_END_ALLOW_THREADS
    found = result(self, lines, rows);
end:
    let_go(self);
    return found;
}

static PyMethodDef methods[] = {{"scan", scan, METH_VARARGS, scan_doc}, {NULL, NULL, 0, NULL}};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_queries", "Reads the usual lines of resolver query logs.", -1, methods,
    NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__queries(void)
{
    fill_kinds();
    return PyModule_Create(&definition);
}
