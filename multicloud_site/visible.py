"""Names from a cloud, made safe to look at. A name may hold characters that reorder, hide or imitate text; here they are shown."""

import unicodedata

#: Control, format (bidi, zero width), lone surrogate, line and paragraph separator.
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
#: Letters and symbols that draw nothing: Hangul fillers and the empty Braille cell.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")


def visible(text: object) -> str:
    """The text with each character that cannot be seen written as `[U+202E]`, so that no name can pose as another.

    What can be seen, right-to-left letters and emoji included, stays as it is. The answer is plain text: escape it for HTML.
    """
    return "".join(f"[U+{ord(char):04X}]" if _is_hidden(char) else char for char in str(text))


def _is_hidden(char: str) -> bool:
    return char in _BLANK or unicodedata.category(char) in _HIDDEN_CATEGORIES
