/* Lines of a flow log -> rows: the compiled twin of lines.py, whose rules and reasons are the same.

   Rules:
   - No byte is read outside the buffers that Python lends for a call, and none is written outside the
     arrays, whose lengths are checked before the first line is read.
   - Every line ends with a line feed, so that a byte below '!' stands behind each value; a value is
     never followed past the end of its line.
   - While lines are read the interpreter is not touched, and its lock is free. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { SKIP, TEXT, INT32, INT64, SOURCE, DESTINATION, PACKET_SOURCE, PACKET_DESTINATION,
       START, END, ACTION, STATUS, OPS };
enum { DONE, HEADER, FULL, TROUBLED };
enum { FIELDS = 1, INTEGER, ADDRESS, FAMILY, WRONG_TEXT, WRONG_ACTION, WRONG_STATUS, TIME, HOURS,
       LONG, NO_MEMORY = 255 };

#define LONGEST (32 * 1024)
#define LATEST INT64_C(4102444800)
#define HOUR 3600
#define HOUR_BYTES ((Py_ssize_t)((LATEST / HOUR + 7) / 8))
#define MOST_HOURS 20000
#define MOST_PROBLEMS 4096
#define MOST_TARGETS 256
#define MOST_ADDRESSES 4
#define MOST_NAMES 256
#define LONGEST_NAME 64
#define MOST_TEXT UINT32_C(0x7fffffff) /* bytes of a dictionary */

typedef const uint8_t *Place;

/* The names of fields, by which a header is recognised; filled when the module is loaded. */
static struct { uint8_t length; char text[LONGEST_NAME]; } names[MOST_NAMES];
static int names_count;

/* ---- Dictionaries ---------------------------------------------------------------------------- */

typedef struct {
    uint64_t hash;
    uint32_t offset, length;
} Entry;

typedef struct {
    PyObject_HEAD
    uint32_t *slots; /* code + 1, or 0; as many as mask + 1 */
    size_t mask;
    Entry *entries;
    uint32_t count, room;
    char *bytes;
    uint32_t size, space;
    uint64_t seed;
    uint32_t last; /* code + 1 of the text before, which often comes again */
    int busy;
} Dictionary;

static inline uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ (hash >> 29);
}

static int grow_slots(Dictionary *self)
{
    size_t mask = self->slots ? self->mask * 2 + 1 : 63;
    uint32_t *slots = calloc(mask + 1, sizeof *slots);
    if (!slots)
        return 0;
    for (uint32_t code = 0; code < self->count; code++) {
        size_t at = self->entries[code].hash & mask;
        while (slots[at])
            at = (at + 1) & mask;
        slots[at] = code + 1;
    }
    free(self->slots);
    self->slots = slots;
    self->mask = mask;
    return 1;
}

static int make_room(Dictionary *self, size_t length)
{
    if ((size_t)self->count * 2 >= self->mask || !self->slots)
        if (!grow_slots(self))
            return 0;
    if (self->count == self->room) {
        uint32_t room = self->room ? self->room * 2 : 32;
        Entry *entries = realloc(self->entries, room * sizeof *entries);
        if (!entries)
            return 0;
        self->entries = entries;
        self->room = room;
    }
    if (length > MOST_TEXT - self->size)
        return 0;
    if (length > self->space - self->size) {
        size_t space = self->space ? (size_t)self->space * 2 : 1024;
        while (space < self->size + length)
            space *= 2;
        char *bytes = realloc(self->bytes, space);
        if (!bytes)
            return 0;
        self->bytes = bytes;
        self->space = (uint32_t)(space > UINT32_MAX ? UINT32_MAX : space);
    }
    return 1;
}

/* Return the code of a text, a new one if it is new, or -1 without memory. */
static int32_t code_of(Dictionary *self, Place text, size_t length, uint64_t hash)
{
    if (self->slots) {
        for (size_t at = hash & self->mask; self->slots[at]; at = (at + 1) & self->mask) {
            Entry *entry = &self->entries[self->slots[at] - 1];
            if (entry->hash == hash && entry->length == length
                && !memcmp(self->bytes + entry->offset, text, length)) {
                self->last = self->slots[at];
                return (int32_t)(self->slots[at] - 1);
            }
        }
    }
    if (!make_room(self, length))
        return -1;
    size_t at = hash & self->mask;
    while (self->slots[at])
        at = (at + 1) & self->mask;
    self->entries[self->count] = (Entry){hash, self->size, (uint32_t)length};
    memcpy(self->bytes + self->size, text, length);
    self->size += (uint32_t)length;
    self->slots[at] = ++self->count;
    self->last = self->count;
    return (int32_t)(self->count - 1);
}

/* ---- Values ---------------------------------------------------------------------------------- */

/* A line that is read: where it ends, and where the buffer does. */
typedef struct {
    Place end, limit;
} Line;

#define ONES UINT64_C(0x0101010101010101)
#define HIGHS UINT64_C(0x8080808080808080)

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ && defined(__GNUC__)
#define WORDS 1
#else
#define WORDS 0
#endif

static inline uint64_t bytes_word(Place p, size_t length)
{
    uint64_t word = 0;
    for (size_t i = 0; i < length; i++)
        word |= (uint64_t)p[i] << (8 * i);
    return word;
}

static inline int is_end(Place p, const Line *line)
{
    return p == line->end || *p == ' ';
}

/* Find the end of a value; return 0 if a byte of it is not printable ASCII. */
static inline Place text_end(Place p, const Line *line, uint64_t *hash)
{
    Place begin = p;
    uint64_t h = *hash;
#if WORDS
    while (line->limit - p >= 8) {
        uint64_t word, ends, wrong;
        memcpy(&word, p, 8);
        ends = (word - ONES * 0x21) & ~word & HIGHS; /* exact up to the first byte below '!' */
        wrong = (word | (word + ONES)) & HIGHS;      /* 0x7f and above */
        if (ends) {
            unsigned bits = (unsigned)__builtin_ctzll(ends) & ~7u;
            uint64_t kept = bits ? ~UINT64_C(0) >> (64 - bits) : 0;
            if (wrong & kept)
                return NULL;
            if (bits)
                h = mix(h, word & kept);
            p += bits / 8;
            goto found;
        }
        if (wrong)
            return NULL;
        h = mix(h, word);
        p += 8;
    }
#endif
    for (;;) {
        size_t n = 0;
        while (n < 8 && p[n] > ' ') {
            if (p[n] >= 0x7f)
                return NULL;
            n++;
        }
        if (n)
            h = mix(h, bytes_word(p, n));
        p += n;
        if (n < 8)
            break;
    }
#if WORDS
found:
#endif
    *hash = mix(h, (uint64_t)(p - begin));
    return is_end(p, line) ? p : NULL;
}

#if WORDS
/* Return the digits at p: how many of the next eight bytes, up to the first that is none, and their
   value. The lengths of numbers cannot be foretold, and a branch for each costs more than this. */
static inline unsigned digits(Place p, uint64_t *value)
{
    uint64_t word, others;
    unsigned count;
    memcpy(&word, p, 8);
    word ^= ONES * '0';
    others = (word | (word + ONES * 0x76)) & HIGHS; /* exact up to the first that is above 9 */
    count = others ? (unsigned)__builtin_ctzll(others) / 8 : 8;
    if (!count)
        return 0;
    word <<= 64 - 8 * count; /* as if zeros stood before them */
    word = word * 10 + (word >> 8);
    *value = ((word & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x000f424000000064)
              + ((word >> 16) & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x0000271000000001)) >> 32;
    return count;
}
#endif

/* Read digits, or `-` as -1; return where they end, or NULL. */
static inline Place integer(Place p, const Line *line, uint64_t limit, int64_t *value)
{
    Place begin = p;
    uint64_t v = 0;
    unsigned digit;
#if WORDS
    if (line->limit - p >= 8)
        p += digits(p, &v);
    if (p == begin || p - begin == 8)
#endif
        while ((digit = (unsigned)*p - '0') <= 9) {
            v = v * 10 + digit;
            p++;
        }
    if (p == begin) {
        *value = -1;
        return *p == '-' && is_end(p + 1, line) ? p + 1 : NULL;
    }
    *value = (int64_t)v;
    return p - begin <= 19 && v <= limit && is_end(p, line) ? p : NULL;
}

/* Read an IPv4 address digit by digit; return where it ends, or NULL. */
static Place four_slowly(Place p, uint32_t *address)
{
    uint32_t all = 0;
    for (int i = 0; i < 4; i++) {
        unsigned octet, digit;
        if (i && *p++ != '.')
            return NULL;
        octet = (unsigned)*p - '0';
        if (octet > 9)
            return NULL;
        p++;
        if ((digit = (unsigned)*p - '0') <= 9) {
            if (!octet)
                return NULL;
            octet = octet * 10 + digit;
            p++;
            if ((digit = (unsigned)*p - '0') <= 9) {
                octet = octet * 10 + digit;
                p++;
            }
        }
        if (octet > 255)
            return NULL;
        all = all << 8 | octet;
    }
    *address = all;
    return p;
}

/* Read an IPv4 address; return where it ends, or NULL. */
static inline Place four(Place p, const Line *line, uint32_t *address)
{
#if WORDS
    if (line->limit - p >= 20) { /* the longest, and a word more */
        uint32_t all = 0;
        for (int i = 0; i < 4; i++) {
            uint32_t word, others, octet;
            unsigned count;
            memcpy(&word, p, 4);
            word ^= UINT32_C(0x30303030);
            others = (word | (word + UINT32_C(0x76767676))) & UINT32_C(0x80808080);
            if (!others)
                return NULL; /* four digits */
            count = (unsigned)__builtin_ctz(others) / 8;
            if (!count || (count > 1 && !(word & 0xff)) || (i < 3 && p[count] != '.'))
                return NULL;
            word <<= 32 - 8 * count; /* as if zeros stood before them */
            octet = (word >> 24) + 10 * (word >> 16 & 0xff) + 100 * (word >> 8 & 0xff);
            if (octet > 255)
                return NULL;
            all = all << 8 | octet;
            p += count + (i < 3);
        }
        *address = all;
        return p;
    }
#endif
    (void)line;
    return four_slowly(p, address);
}

static inline unsigned hex(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10u : 16u;
}

/* Read an IPv6 address; return where it ends, or NULL. */
static Place six(Place p, const Line *line, uint16_t groups[8])
{
    int count = 0, gap = -1;
    memset(groups, 0, 8 * sizeof *groups);
    if (p[0] == ':') {
        if (p[1] != ':')
            return NULL;
        gap = 0;
        p += 2;
    }
    while (hex(*p) < 16) {
        unsigned value = 0, digit;
        Place q = p;
        while (q - p < 5 && (digit = hex(*q)) < 16) {
            value = value << 4 | digit;
            q++;
        }
        if (*q == '.') {
            uint32_t last;
            if (count > 6 || !(p = four(p, line, &last)))
                return NULL;
            groups[count++] = (uint16_t)(last >> 16);
            groups[count++] = (uint16_t)last;
            break;
        }
        if (q - p > 4 || count == 8)
            return NULL;
        groups[count++] = (uint16_t)value;
        p = q;
        if (*p != ':')
            break;
        if (p[1] == ':') {
            if (gap >= 0)
                return NULL;
            gap = count;
            p += 2;
        } else if (hex(p[1]) < 16) {
            p++;
        } else {
            return NULL;
        }
    }
    if (gap < 0)
        return count == 8 ? p : NULL;
    if (count > 7)
        return NULL;
    memmove(groups + 8 - (count - gap), groups + gap, (size_t)(count - gap) * sizeof *groups);
    memset(groups + gap, 0, (size_t)(8 - count) * sizeof *groups);
    return p;
}

typedef struct {
    int family; /* 0: none */
    int64_t high, low;
} Address;

static inline int64_t half(const uint16_t *groups)
{
    uint64_t all = 0;
    for (int i = 0; i < 4; i++)
        all = all << 16 | groups[i];
    return (int64_t)(all ^ (UINT64_C(1) << 63)); /* less 2**63 */
}

static inline Place address(Place p, const Line *line, Address *found)
{
    uint32_t plain;
    uint16_t groups[8];
    Place q = four(p, line, &plain);
    if (q && is_end(q, line)) {
        *found = (Address){4, 0, plain};
        return q;
    }
    if (*p == '-' && is_end(p + 1, line)) {
        *found = (Address){0, 0, 0};
        return p + 1;
    }
    q = six(p, line, groups);
    if (!q || !is_end(q, line))
        return NULL;
    *found = (Address){6, half(groups), half(groups + 4)};
    return q;
}

static inline Place word(Place p, const Line *line, const char *text)
{
    size_t length = strlen(text);
    if ((size_t)(line->end - p) < length || memcmp(p, text, length))
        return NULL;
    return is_end(p + length, line) ? p + length : NULL;
}

/* ---- Lines ----------------------------------------------------------------------------------- */

typedef struct {
    int op;
    uint64_t limit;
    void *first, *second;
    uint8_t *given;
    Dictionary *dictionary;
} Target;

typedef struct {
    Py_ssize_t line, begin, end;
    int reason;
} Problem;

typedef struct {
    Target targets[MOST_TARGETS];
    int count;
    int32_t *family;
    int64_t *start;
    int32_t *seconds;
    int8_t *status;
    uint8_t *hours;
    int64_t last_hour;
    int64_t fallback;
    Place header;
    size_t header_length;
} Plan;

static int is_header_like(Place p, Place end)
{
    size_t length = 0;
    if (*p < 'a' || *p > 'z')
        return 0;
    while (p + length < end && p[length] != ' ')
        if (++length >= LONGEST_NAME)
            return 0;
    for (int i = 0; i < names_count; i++)
        if (names[i].length == length && !memcmp(names[i].text, p, length))
            return 1;
    return 0;
}

static int mark_hour(Plan *plan, int64_t hour)
{
    uint8_t *byte = &plan->hours[hour >> 3], bit = (uint8_t)(1u << (hour & 7));
    if (!(*byte & bit)) {
        uint8_t *tail = plan->hours + HOUR_BYTES;
        uint32_t count = (uint32_t)bytes_word(tail, 4);
        if (count >= MOST_HOURS)
            return 0;
        *byte |= bit;
        count++;
        for (int i = 0; i < 4; i++)
            tail[i] = (uint8_t)(count >> (8 * i));
    }
    plan->last_hour = hour;
    return 1;
}

static int write_times(Plan *plan, Py_ssize_t row, int64_t start, int64_t end)
{
    int known = start >= 0 && end >= 0;
    if (known && (end < start || end - start > INT32_MAX))
        return TIME;
    if (start < 0)
        start = end >= 0 ? end : plan->fallback;
    if (start < 0 || start >= LATEST || end >= LATEST)
        return TIME;
    plan->start[row] = start;
    plan->seconds[row] = known ? (int32_t)(end - start) : -1;
    if (start / HOUR != plan->last_hour && !mark_hour(plan, start / HOUR))
        return HOURS;
    return 0;
}

static int write_addresses(Plan *plan, Py_ssize_t row, const Address *found, Target *const *targets,
                           int count)
{
    int family = 0, other = 0;
    for (int i = 0; i < count; i++) {
        int op = targets[i]->op;
        if (!found[i].family)
            continue;
        if (op != SOURCE && op != DESTINATION) {
            if (!other)
                other = found[i].family;
        } else if (family && family != found[i].family) {
            return FAMILY;
        } else {
            family = found[i].family;
        }
    }
    if (!family)
        family = other;
    plan->family[row] = family;
    for (int i = 0; i < count; i++) {
        int kept = found[i].family && found[i].family == family;
        ((int64_t *)targets[i]->first)[row] = kept ? found[i].high : 0;
        ((int64_t *)targets[i]->second)[row] = kept ? found[i].low : 0;
        targets[i]->given[row] = (uint8_t)kept;
    }
    return 0;
}

/* Return the end of a text value after writing its code, or NULL with the reason. */
static inline Place text(Place p, const Line *line, Target *target, Py_ssize_t row, int *reason)
{
    Dictionary *dictionary = target->dictionary;
    int32_t *codes = target->first, code;
    *reason = WRONG_TEXT;
    if (*p == '-' && is_end(p + 1, line)) {
        codes[row] = -1;
        return p + 1;
    }
    if (dictionary->last) {
        Entry *last = &dictionary->entries[dictionary->last - 1];
        if ((size_t)(line->end - p) >= last->length
            && !memcmp(p, dictionary->bytes + last->offset, last->length)
            && is_end(p + last->length, line)) {
            codes[row] = (int32_t)(dictionary->last - 1);
            return p + last->length;
        }
    }
    uint64_t hash = dictionary->seed;
    Place end = text_end(p, line, &hash);
    if (!end)
        return NULL;
    code = code_of(dictionary, p, (size_t)(end - p), hash);
    if (code < 0) {
        *reason = NO_MEMORY;
        return NULL;
    }
    codes[row] = code;
    return end;
}

/* Write one line to a row; return the reason why it cannot be, or 0. */
static int read_line(Plan *plan, Place p, const Line *line, Py_ssize_t row)
{
    int64_t start = -1, end = -1, value;
    Address found[MOST_ADDRESSES];
    Target *addresses[MOST_ADDRESSES];
    int count = 0, reason;
    uint64_t ignored;
    Place q;
    plan->status[row] = 0;
    for (int i = 0; i < plan->count; i++) {
        Target *target = &plan->targets[i];
        if (i) {
            if (p == line->end)
                return FIELDS;
            p++; /* the space */
        }
        if (is_end(p, line))
            return FIELDS;
        switch (target->op) {
        case SKIP:
            ignored = 0;
            if (!(p = text_end(p, line, &ignored)))
                return WRONG_TEXT;
            break;
        case TEXT:
            if (!(p = text(p, line, target, row, &reason)))
                return reason;
            break;
        case INT32:
            if (!(p = integer(p, line, target->limit, &value)))
                return INTEGER;
            ((int32_t *)target->first)[row] = (int32_t)value;
            break;
        case INT64:
            if (!(p = integer(p, line, target->limit, &value)))
                return INTEGER;
            ((int64_t *)target->first)[row] = value;
            break;
        case START:
            if (!(p = integer(p, line, INT64_MAX, &start)))
                return INTEGER;
            break;
        case END:
            if (!(p = integer(p, line, INT64_MAX, &end)))
                return INTEGER;
            break;
        case ACTION:
            if ((q = word(p, line, "ACCEPT")))
                value = 1;
            else if ((q = word(p, line, "REJECT")))
                value = 0;
            else if ((q = word(p, line, "-")))
                value = -1;
            else
                return WRONG_ACTION;
            ((int32_t *)target->first)[row] = (int32_t)value;
            p = q;
            break;
        case STATUS:
            if ((q = word(p, line, "OK")) || (q = word(p, line, "-")))
                value = 0;
            else if ((q = word(p, line, "NODATA")))
                value = 1;
            else if ((q = word(p, line, "SKIPDATA")))
                value = 2;
            else
                return WRONG_STATUS;
            plan->status[row] = (int8_t)value;
            p = q;
            break;
        default: /* an address */
            if (!(p = address(p, line, &found[count])))
                return ADDRESS;
            addresses[count++] = target;
        }
    }
    if (p != line->end)
        return FIELDS;
    if ((reason = write_addresses(plan, row, found, addresses, count)))
        return reason;
    return write_times(plan, row, start, end);
}

typedef struct {
    int why;
    Py_ssize_t offset, row, lines, problems;
} Outcome;

static Outcome read_lines(Plan *plan, Place data, Py_ssize_t length, Py_ssize_t begin,
                          Py_ssize_t end, Py_ssize_t row, Py_ssize_t capacity, int sure,
                          Problem *problems)
{
    Outcome out = {DONE, begin, row, 0, 0};
    Line line = {NULL, data + length};
    while (out.offset < end) {
        Place p = data + out.offset;
        Place stop = memchr(p, '\n', (size_t)(end - out.offset)); /* the last byte is one */
        int reason = 0;
        line.end = stop > p && stop[-1] == '\r' ? stop - 1 : stop;
        size_t size = (size_t)(line.end - p);
        if (size > LONGEST) {
            reason = LONG;
        } else if (size
                   && !(size == plan->header_length && !memcmp(p, plan->header, size))) {
            if (!sure && is_header_like(p, line.end)) {
                out.why = HEADER;
                return out;
            }
            if (out.row == capacity) {
                out.why = FULL;
                return out;
            }
            reason = read_line(plan, p, &line, out.row);
            if (!reason)
                out.row++;
        }
        if (reason)
            problems[out.problems++] = (Problem){out.lines, p - data, stop - data, reason};
        sure = 0;
        out.offset = stop - data + 1;
        out.lines++;
        if (reason == NO_MEMORY)
            return out;
        if (out.problems == MOST_PROBLEMS) {
            out.why = TROUBLED;
            return out;
        }
    }
    return out;
}

/* ---- What Python lends ----------------------------------------------------------------------- */

static PyTypeObject *dictionary_type;

typedef struct {
    Py_buffer views[MOST_TARGETS * 3 + 8];
    int count;
} Loans;

/* Borrow an array of at least so many items of a size; return NULL with an exception. */
static void *borrow(Loans *loans, PyObject *array, Py_ssize_t items, size_t size)
{
    Py_buffer *view = &loans->views[loans->count];
    if (PyObject_GetBuffer(array, view, PyBUF_WRITABLE))
        return NULL;
    loans->count++;
    if (view->len / (Py_ssize_t)size < items || (uintptr_t)view->buf % size) {
        PyErr_SetString(PyExc_ValueError, "an array is too short, or not aligned");
        return NULL;
    }
    return view->buf;
}

static void give_back(Loans *loans)
{
    while (loans->count)
        PyBuffer_Release(&loans->views[--loans->count]);
}

static int take_dictionary(Target *target, PyObject *object)
{
    if (!PyObject_TypeCheck(object, dictionary_type)) {
        PyErr_SetString(PyExc_TypeError, "not a Dictionary of this parser");
        return 0;
    }
    target->dictionary = (Dictionary *)object;
    if (target->dictionary->busy) {
        target->dictionary = NULL;
        PyErr_SetString(PyExc_ValueError, "a Dictionary is in use");
        return 0;
    }
    target->dictionary->busy = 1;
    return 1;
}

/* Take one target: (op, limit, first, second, third). */
static int take_target(Plan *plan, Loans *loans, PyObject *item, Py_ssize_t rows, int *addresses)
{
    Target *target = &plan->targets[plan->count];
    PyObject *first, *second, *third;
    unsigned long long limit;
    memset(target, 0, sizeof *target);
    if (!PyTuple_Check(item)
        || !PyArg_ParseTuple(item, "iKOOO", &target->op, &limit, &first, &second, &third)) {
        if (!PyErr_Occurred())
            PyErr_SetString(PyExc_TypeError, "a target is a tuple");
        return 0;
    }
    target->limit = limit;
    plan->count++;
    switch (target->op) {
    case SKIP: case START: case END: case STATUS:
        return 1;
    case TEXT:
        return (target->first = borrow(loans, first, rows, 4)) && take_dictionary(target, second);
    case INT32:
        if (limit > INT32_MAX)
            break;
        return (target->first = borrow(loans, first, rows, 4)) != NULL;
    case ACTION:
        return (target->first = borrow(loans, first, rows, 4)) != NULL;
    case INT64:
        if (limit > INT64_MAX)
            break;
        return (target->first = borrow(loans, first, rows, 8)) != NULL;
    case SOURCE: case DESTINATION: case PACKET_SOURCE: case PACKET_DESTINATION:
        if (++*addresses > MOST_ADDRESSES)
            break;
        return (target->first = borrow(loans, first, rows, 8))
               && (target->second = borrow(loans, second, rows, 8))
               && (target->given = borrow(loans, third, rows, 1));
    }
    PyErr_SetString(PyExc_ValueError, "no such target");
    return 0;
}

static int take_targets(Plan *plan, Loans *loans, PyObject *targets, Py_ssize_t rows)
{
    int addresses = 0;
    Py_ssize_t count = PyTuple_Check(targets) ? PyTuple_Size(targets) : -1;
    if (count < 1 || count > MOST_TARGETS) {
        PyErr_SetString(PyExc_ValueError, "targets are a tuple of 1 to 256");
        return 0;
    }
    for (Py_ssize_t i = 0; i < count; i++)
        if (!take_target(plan, loans, PyTuple_GetItem(targets, i), rows, &addresses))
            return 0;
    return 1;
}

static void let_go(Plan *plan)
{
    for (int i = 0; i < plan->count; i++)
        if (plan->targets[i].dictionary)
            plan->targets[i].dictionary->busy = 0;
}

/* Append (line, begin, end, reason) for each problem. */
static int tell(PyObject *list, const Problem *problems, Py_ssize_t count)
{
    for (Py_ssize_t i = 0; i < count; i++) {
        const Problem *each = &problems[i];
        PyObject *item = Py_BuildValue("nnni", each->line, each->begin, each->end, each->reason);
        if (!item || PyList_Append(list, item)) {
            Py_XDECREF(item);
            return 0;
        }
        Py_DECREF(item);
    }
    return 1;
}

PyDoc_STRVAR(parse_doc, "Read lines into rows; see ringwall.traffic.lines.parse.");

static PyObject *parse(PyObject *module, PyObject *args, PyObject *keywords)
{
    static char *words[] = {"data", "span", "targets", "rows", "room", "file", "problems", "sure",
                            NULL};
    Py_buffer data = {0}, hours = {0}, header = {0};
    Py_ssize_t begin, end, row, capacity;
    PyObject *targets, *family, *start, *seconds, *status, *list, *result = NULL;
    long long fallback;
    int sure = 0;
    Plan *plan = NULL;
    Loans *loans = NULL;
    Problem *problems = NULL;
    Outcome out;
    (void)module;
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "y*(nn)O(OOOO)(nn)(w*Ly*)O|$p", words, &data,
                                     &begin, &end, &targets, &family, &start, &seconds, &status,
                                     &row, &capacity, &hours, &fallback, &header, &list, &sure))
        return NULL;
    plan = calloc(1, sizeof *plan);
    loans = calloc(1, sizeof *loans);
    problems = malloc(MOST_PROBLEMS * sizeof *problems);
    if (!plan || !loans || !problems) {
        PyErr_NoMemory();
        goto finish;
    }
    if (begin < 0 || begin > end || end > data.len || row < 0 || row > capacity
        || hours.len != HOUR_BYTES + 4 || !PyList_Check(list)
        || (begin < end && ((Place)data.buf)[end - 1] != '\n')) {
        PyErr_SetString(PyExc_ValueError, "the span ends within a line, or is none");
        goto finish;
    }
    plan->hours = hours.buf;
    plan->last_hour = -1;
    plan->fallback = fallback;
    plan->header = header.buf;
    plan->header_length = (size_t)header.len;
    if (!(plan->family = borrow(loans, family, capacity, 4))
        || !(plan->start = borrow(loans, start, capacity, 8))
        || !(plan->seconds = borrow(loans, seconds, capacity, 4))
        || !(plan->status = borrow(loans, status, capacity, 1))
        || !take_targets(plan, loans, targets, capacity))
        goto finish;
    Py_BEGIN_ALLOW_THREADS
    out = read_lines(plan, data.buf, data.len, begin, end, row, capacity, sure, problems);
    Py_END_ALLOW_THREADS
    if (out.problems && problems[out.problems - 1].reason == NO_MEMORY)
        PyErr_NoMemory();
    else if (tell(list, problems, out.problems))
        result = Py_BuildValue("innn", out.why, out.offset, out.row, out.lines);
finish:
    if (plan)
        let_go(plan);
    if (loans)
        give_back(loans);
    free(plan);
    free(loans);
    free(problems);
    PyBuffer_Release(&data);
    PyBuffer_Release(&hours);
    PyBuffer_Release(&header);
    return result;
}

/* ---- The type and the module ----------------------------------------------------------------- */

static PyObject *dictionary_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    Dictionary *self;
    PyObject *salt;
    (void)args;
    (void)keywords;
    if (!(self = (Dictionary *)allocate(type, 0)))
        return NULL;
    /* Python's own salt, so that nobody can choose texts that fall together. */
    if ((salt = PyBytes_FromString("ringwall"))) {
        self->seed = (uint64_t)PyObject_Hash(salt);
        Py_DECREF(salt);
    }
    return (PyObject *)self;
}

static void dictionary_dealloc(PyObject *object)
{
    Dictionary *self = (Dictionary *)object;
    PyTypeObject *type = Py_TYPE(object);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    free(self->slots);
    free(self->entries);
    free(self->bytes);
    release(object);
    Py_DECREF(type);
}

static Py_ssize_t dictionary_length(PyObject *self)
{
    return (Py_ssize_t)((Dictionary *)self)->count;
}

static PyObject *dictionary_size(PyObject *self, void *unused)
{
    (void)unused;
    return PyLong_FromUnsignedLong(((Dictionary *)self)->size);
}

static int is_free(Dictionary *self)
{
    if (self->busy)
        PyErr_SetString(PyExc_ValueError, "a Dictionary is in use");
    return !self->busy;
}

static PyObject *dictionary_code(PyObject *object, PyObject *argument)
{
    Dictionary *self = (Dictionary *)object;
    uint64_t hash = self->seed;
    Py_ssize_t length;
    int32_t code;
    char *text;
    if (!is_free(self) || PyBytes_AsStringAndSize(argument, &text, &length))
        return NULL;
    /* As text_end does, whatever the bytes are. */
    for (Py_ssize_t at = 0; at < length; at += 8)
        hash = mix(hash, bytes_word((Place)text + at, length - at < 8 ? (size_t)(length - at) : 8));
    code = code_of(self, (Place)text, (size_t)length, mix(hash, (uint64_t)length));
    return code < 0 ? PyErr_NoMemory() : PyLong_FromLong(code);
}

static PyObject *dictionary_texts(PyObject *object, PyObject *unused)
{
    Dictionary *self = (Dictionary *)object;
    PyObject *list;
    (void)unused;
    if (!is_free(self) || !(list = PyList_New((Py_ssize_t)self->count)))
        return NULL;
    for (uint32_t code = 0; code < self->count; code++) {
        Entry *entry = &self->entries[code];
        PyObject *text = PyBytes_FromStringAndSize(self->bytes + entry->offset, entry->length);
        if (!text || PyList_SetItem(list, (Py_ssize_t)code, text)) {
            Py_DECREF(list);
            return NULL;
        }
    }
    return list;
}

static PyMethodDef dictionary_methods[] = {
    {"code", dictionary_code, METH_O, "Return the code of a text, a new one if it is new."},
    {"texts", dictionary_texts, METH_NOARGS, "Return the texts in the order of their codes."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef dictionary_members[] = {
    {"size", dictionary_size, NULL, "The bytes of all texts.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot dictionary_slots[] = {
    {Py_tp_doc, "Texts of a column and their codes, in the order in which they came."},
    {Py_tp_new, dictionary_new},
    {Py_tp_dealloc, dictionary_dealloc},
    {Py_tp_methods, dictionary_methods},
    {Py_tp_getset, dictionary_members},
    {Py_sq_length, dictionary_length},
    {0, NULL},
};

static PyType_Spec dictionary_spec = {
    "ringwall.traffic._lines.Dictionary", sizeof(Dictionary), 0, Py_TPFLAGS_DEFAULT,
    dictionary_slots,
};

static int take_names(void)
{
    PyObject *fields = PyImport_ImportModule("ringwall.traffic.fields");
    PyObject *known = fields ? PyObject_GetAttrString(fields, "NAMES") : NULL;
    PyObject *list = known ? PySequence_List(known) : NULL;
    Py_ssize_t count = list ? PyList_Size(list) : -1;
    names_count = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        Py_ssize_t length = 0;
        const char *text = PyUnicode_AsUTF8AndSize(PyList_GetItem(list, i), &length);
        if (!text || length >= LONGEST_NAME || names_count == MOST_NAMES) {
            if (!PyErr_Occurred())
                PyErr_SetString(PyExc_ImportError, "a field's name is too long");
            count = -1;
            break;
        }
        names[names_count].length = (uint8_t)length;
        memcpy(names[names_count++].text, text, (size_t)length);
    }
    Py_XDECREF(list);
    Py_XDECREF(known);
    Py_XDECREF(fields);
    return count >= 0;
}

static int execute(PyObject *module)
{
    if (!take_names())
        return -1;
    if (!dictionary_type
        && !(dictionary_type = (PyTypeObject *)PyType_FromSpec(&dictionary_spec)))
        return -1;
    return PyModule_AddObjectRef(module, "Dictionary", (PyObject *)dictionary_type);
}

static PyMethodDef methods[] = {
    {"parse", (PyCFunction)(void (*)(void))parse, METH_VARARGS | METH_KEYWORDS, parse_doc},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {{Py_mod_exec, execute}, {0, NULL}};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "ringwall.traffic._lines", "Lines of a flow log, read into rows.", 0,
    methods, slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__lines(void)
{
    return PyModuleDef_Init(&definition);
}
