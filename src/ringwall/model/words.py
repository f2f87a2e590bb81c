"""A number and a noun → words, in the plural where the number is not one."""


def plural(noun: str, number: int) -> str:
    """Return a noun as it stands after a number: way, ways; entry, entries; class, classes."""
    if number == 1:
        return noun
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("s", "x", "ch", "sh")) else f"{noun}s"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, thousands set apart: 1 way, 2,000 ways."""
    return f"{number:,} {plural(noun, number)}"
