"""Completion in the user's shell: options from their table, and in the query fields, values and saved names, asked of the index."""

from __future__ import annotations

from collections.abc import Sequence

from imr_search.cli.options import OPTIONS

_FEW = 60


def script(shell: str) -> str:
    """What to evaluate in the shell's start-up file: eval "$(imr-search --completion bash)"."""
    return {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell]()


def complete_words(arguments: Sequence[str]) -> int:
    """Print what may complete the last word: "saved NAME", "field NAME" or "query TEXT". Silent whatever goes wrong: the user is typing."""
    from imr_search.render.output import to_stdout

    kind, text = (arguments[0], arguments[1]) if len(arguments) == 2 else ("query", "")
    try:
        found = _words(kind, text)
    except Exception:
        return 1
    to_stdout(found[:_FEW])
    return 0


def _words(kind: str, text: str) -> list[str]:
    from imr_search.fields import table
    from imr_search.render.safe import clean

    if kind == "field":
        head, comma, last = text.rpartition(",")
        sign = "-" if last.startswith("-") else ""
        names = [row.key for row in table() if not row.hidden and row.key.startswith(last.removeprefix("-"))]
        return [f"{head}{comma}{sign}{name}" for name in names]
    if kind == "saved":
        from imr_search.saved import queries

        return sorted(name for name in queries() if name.startswith(text))
    from imr_search.errors import IndexError_
    from imr_search.library import Library
    from imr_search.query.complete import complete

    try:
        with Library.open() as library:
            found = complete(text, len(text), library.searcher)
    except IndexError_:
        found = complete(text, len(text), None)
    return [clean(text[: one.start] + one.text) for one in found]


def _bash() -> str:
    flags = " ".join(flag for row in OPTIONS for flag in (*row.flags, row.off) if flag)
    cases = []
    for row in OPTIONS:
        names = "|".join(row.flags)
        if row.values:
            cases.append(f'    {names}) COMPREPLY=($(compgen -W "{" ".join(row.values)}" -- "$cur")); return;;')
        elif row.takes == "file":
            cases.append(f'    {names}) COMPREPLY=($(compgen -f -- "$cur")); return;;')
        elif row.takes == "folder":
            cases.append(f'    {names}) COMPREPLY=($(compgen -d -- "$cur")); return;;')
        elif row.takes:
            cases.append(
                f"    {names}) local IFS=$'\\n'; COMPREPLY=($(imr-search --complete-words {row.takes} \"$cur\" 2>/dev/null)); return;;"
            )
        elif row.metavar:
            cases.append(f"    {names}) return;;")
    body = "\n".join(cases)
    return f"""_imr_search() {{
  local line="${{COMP_LINE:0:COMP_POINT}}"
  local cur="${{line##*[[:space:]]}}" prev="${{COMP_WORDS[COMP_CWORD-1]}}"
  [[ $prev == ":" ]] && prev=""
  COMPREPLY=()
  case "$prev" in
{body}
  esac
  if [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W "{flags}" -- "$cur"))
    return
  fi
  local quote="" word="$cur"
  [[ $word == [\\'\\"]* ]] && {{ quote="${{word:0:1}}"; word="${{word:1}}"; }}
  local IFS=$'\\n'
  COMPREPLY=($(imr-search --complete-words query "$word" 2>/dev/null))
  # bash breaks words at colons: what stands before the last one must not be given again
  if [[ $word == *:* && $COMP_WORDBREAKS == *:* && -z $quote ]]; then
    local head="${{word%"${{word##*:}}"}}" i
    for i in "${{!COMPREPLY[@]}}"; do COMPREPLY[$i]="${{COMPREPLY[$i]#"$head"}}"; done
  fi
}}
complete -o nospace -F _imr_search imr-search
"""


def _zsh() -> str:
    rows = []
    for row in OPTIONS:
        text = row.help.replace("[", "(").replace("]", ")").replace("'", "'\\''").replace(":", "\\:")
        action = ""
        if row.values:
            action = f":{row.metavar}:({' '.join(row.values)})"
        elif row.takes == "file":
            action = f":{row.metavar}:_files"
        elif row.takes == "folder":
            action = f":{row.metavar}:_files -/"
        elif row.takes:
            action = f":{row.metavar}:{{_imr_search_words {row.takes}}}"
        elif row.metavar:
            action = f":{row.metavar}: "
        repeat = "*" if row.many else ""
        for flag in row.flags:
            rows.append(f"    '{repeat}{flag}[{text}]{action}' \\")
        if row.off:
            rows.append(f"    '{row.off}[not {text}]' \\")
    body = "\n".join(rows)
    return f"""#compdef imr-search
_imr_search_words() {{
  local -a found
  found=("${{(@f)$(imr-search --complete-words $1 "${{(Q)PREFIX}}" 2>/dev/null)}}")
  compadd -S '' -U -- $found
}}
_imr_search() {{
  _arguments -s -S \\
{body}
    '*:query:{{_imr_search_words query}}'
}}
if [ "$funcstack[1]" = "_imr_search" ]; then _imr_search "$@"; else compdef _imr_search imr-search; fi
"""


def _fish() -> str:
    lines = ["complete -c imr-search -f -a '(imr-search --complete-words query (commandline -ct) 2>/dev/null)'"]
    for row in OPTIONS:
        text = row.help.replace("\\", "\\\\").replace("'", "\\'")
        parts = ["complete -c imr-search"]
        parts += [f"-s {flag[1]}" if len(flag) == 2 else f"-l {flag[2:]}" for flag in row.flags]
        if row.values:
            parts.append(f"-x -a '{' '.join(row.values)}'")
        elif row.takes in ("file", "folder"):
            parts.append("-r -F")
        elif row.takes:
            parts.append(f"-x -a '(imr-search --complete-words {row.takes} (commandline -ct) 2>/dev/null)'")
        elif row.metavar:
            parts.append("-x")
        lines.append(" ".join([*parts, f"-d '{text}'"]))
        if row.off:
            lines.append(f"complete -c imr-search -l {row.off[2:]} -d 'not: {text}'")
    return "\n".join(lines)
