"""Completion in the user's shell: options from their table, and in the query fields, values and saved names, asked of the index."""

from __future__ import annotations

from collections.abc import Sequence

from imr_search.cli.options import OPTIONS

_FEW = 60


def script(shell: str) -> str:
    """What to evaluate in the shell's start-up file: eval "$(imr-search --completion bash)"."""
    return {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell]()


def complete_words(arguments: Sequence[str]) -> int:
    """Print what may complete the last word: "saved NAME", "field NAME" or "query TEXT"; with a third word "told" each with a tab and what it
    is. Silent whatever goes wrong: the user is typing."""
    from imr_search.output.streams import to_stdout

    if len(arguments) < 2:
        return 1
    try:
        found = _words(arguments[0], arguments[1])
    except Exception:
        return 1
    if arguments[2:] == ["told"]:
        to_stdout(f"{word}\t{gloss}" if gloss else word for word, gloss in found[:_FEW])
    else:
        to_stdout(word for word, _ in found[:_FEW])
    return 0


def _words(kind: str, text: str) -> list[tuple[str, str]]:
    """What may stand there, and what it is."""
    from imr_search.fields import table
    from imr_search.output.safety import clean

    if kind == "field":
        head, comma, last = text.rpartition(",")
        sign = "-" if last.startswith("-") else ""
        rows = [row for row in table() if not row.hidden and row.key.startswith(last.removeprefix("-"))]
        return [(f"{head}{comma}{sign}{row.key}", row.help) for row in rows]
    saved = {}
    if kind == "saved" or "@" in text:
        from imr_search.query.saved import queries

        saved = queries()
    if kind == "saved":
        return sorted((name, clean(query)) for name, query in saved.items() if name.startswith(text))
    from imr_search.errors import IndexError_
    from imr_search.query.completion import complete
    from imr_search.searching.library import Library

    try:
        with Library.open() as library:
            found = complete(text, len(text), library.searcher, saved=saved)
    except IndexError_:
        found = complete(text, len(text), saved=saved)
    told = (("" if one.count is None else f"{one.count:,}", clean(one.gloss)) for one in found)
    return [
        (clean(text[: one.start] + one.text), "  ".join(filter(None, gloss)))
        for one, gloss in zip(found, told, strict=True)
    ]


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
  local cur="" quote="" prev="${{COMP_WORDS[COMP_CWORD-1]}}" char i
  # the word at the cursor without its quotes, and the quote that is still open
  for ((i = 0; i < ${{#line}}; i++)); do
    char="${{line:i:1}}"
    if [[ -n $quote ]]; then
      if [[ $char == "$quote" ]]; then quote=""; else cur+="$char"; fi
    elif [[ $char == [\\'\\"] ]]; then quote="$char"
    elif [[ $char == [[:space:]] ]]; then cur=""
    else cur+="$char"
    fi
  done
  [[ $prev == ":" ]] && prev=""
  [[ $cur == --*=* ]] && {{ prev="${{cur%%=*}}"; cur="${{cur#*=}}"; }}
  COMPREPLY=()
  case "$prev" in
{body}
  esac
  if [[ $cur == -* && -z $quote ]]; then
    COMPREPLY=($(compgen -W "{flags}" -- "$cur"))
    return
  fi
  local IFS=$'\\n'
  COMPREPLY=($(imr-search --complete-words query "$cur" 2>/dev/null))
  # bash breaks words at colons: what stands before the last one must not be given again
  if [[ $cur == *:* && $COMP_WORDBREAKS == *:* && -z $quote ]]; then
    local head="${{cur%"${{cur##*:}}"}}"
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
            close = "=" if action and len(flag) > 2 else ""  # its value may stand behind = too
            rows.append(f"    '{repeat}{flag}{close}[{text}]{action}' \\")
        if row.off:
            rows.append(f"    '{row.off}[not {text}]' \\")
    body = "\n".join(rows)
    return f"""#compdef imr-search
_imr_search_words() {{
  local -a found words shown
  found=("${{(@f)$(imr-search --complete-words $1 "${{(Q)PREFIX}}" told 2>/dev/null)}}")
  [[ -n $found ]] || return 1
  words=("${{(@)found%%$'\t'*}}")
  shown=("${{(@)found/$'\t'/   }}")
  compadd -S '' -U -V words -l -d shown -- $words
}}
_imr_search() {{
  _arguments -s -S \\
{body}
    '*:query:{{_imr_search_words query}}'
}}
if [ "$funcstack[1]" = "_imr_search" ]; then _imr_search "$@"; else compdef _imr_search imr-search; fi
"""


def _fish() -> str:
    lines = [
        "function __imr_search_words",
        """    set -l word (string replace -r '^["\\']' '' -- (commandline -ct) | string replace -a '\\\\ ' ' ')""",
        "    string match -q -- '--*=*' $word; and set word (string replace -r '^[^=]*=' '' -- $word)",
        '    imr-search --complete-words $argv[1] "$word" told 2>/dev/null',
        "end",
        "complete -c imr-search -f -k -a '(__imr_search_words query)'",
    ]
    for row in OPTIONS:
        text = row.help.replace("\\", "\\\\").replace("'", "\\'")
        parts = ["complete -c imr-search"]
        parts += [f"-s {flag[1]}" if len(flag) == 2 else f"-l {flag[2:]}" for flag in row.flags]
        if row.values:
            parts.append(f"-x -a '{' '.join(row.values)}'")
        elif row.takes in ("file", "folder"):
            parts.append("-r -F")
        elif row.takes:
            parts.append(f"-x -k -a '(__imr_search_words {row.takes})'")
        elif row.metavar:
            parts.append("-x")
        lines.append(" ".join([*parts, f"-d '{text}'"]))
        if row.off:
            lines.append(f"complete -c imr-search -l {row.off[2:]} -d 'not: {text}'")
    return "\n".join(lines)
