"""Which comments wait for a moderator."""

from __future__ import annotations

import re
import unicodedata

from ..models import Comment, CommentRules, User
from ..words import number_of_links


def must_wait(text: str, author: User, rules: CommentRules) -> bool:
    """Return whether a comment waits: for its words, its links, or as its author's first one."""
    if has_held_word(text, rules.held_words):
        return True
    if number_of_links(text) > rules.links_allowed:
        return True
    return rules.hold_first and not is_known(author)


def has_held_word(text: str, held_words: str) -> bool:
    """Return whether one of the lines of ``held_words`` stands in a text, as whole words."""
    held = filter(None, (plain(line) for line in held_words.splitlines()))
    pattern = "|".join(re.escape(word) for word in held)
    return bool(pattern) and bool(re.search(rf"(?<!\w)(?:{pattern})(?!\w)", plain(text)))


def plain(text: str) -> str:
    """Return words without the differences that hide one: case, width, accents, empty signs."""
    apart = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(sign for sign in apart if unicodedata.category(sign) not in ("Mn", "Cf"))
    return " ".join(kept.split())


def is_known(author: User) -> bool:
    """Return whether a moderator let something of this author pass already."""
    return Comment.objects.filter(author=author, state=Comment.State.PUBLISHED).exists()
