"""Completion in bash, zsh and fish: click decides what may stand there, the shell's own means quote what is inserted.

Values come out of letters, which are strangers' text: `Zed$(reboot)` completed without quotes is a command. A word is therefore never given to the
shell as source text. bash quotes with `printf %q` (or in the way of the quotation mark that is open), zsh's compadd and fish quote by themselves,
and no control character, bidirectional mark or line break is ever among what they are given.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

import click
from click.shell_completion import CompletionItem, ShellComplete, add_completion_class, get_completion_class
from click.shell_completion import shell_complete as click_completes

from imr_search.cli.option_table import filled
from imr_search.output.safety import insertable

SHELLS = ("bash", "zsh", "fish")
PART = "part"  # the type of an item after which no space is wanted: the query goes on
_MOST = 60


def variable(program: str) -> str:
    """The environment variable by which the shell's script asks for completions: click's own convention."""
    return f"_{program}_complete".replace("-", "_").upper()


def answer(command: click.Command, program: str, instruction: str) -> int:
    """Print the completions. Silent whatever goes wrong: the user is typing."""
    try:
        return click_completes(command, {}, program, variable(program), instruction)
    except Exception:
        return 1


def script(command: click.Command, program: str, shell: str) -> str:
    """What the shell's start-up file evaluates: eval "$(imr-search --completion bash)"."""
    found = get_completion_class(shell)
    assert found is not None
    return found(command, {}, program, variable(program)).source()


class ShellLine(NamedTuple):
    """A command line up to the cursor: `words` are complete, `current` is the one at the cursor, both without their quotes; `quote` is
    the quotation mark that is still open. `evaluated` says that the word at the cursor holds what only the shell can read: $(...), `...`, $'...'."""

    words: tuple[str, ...]
    current: str
    quote: str
    evaluated: bool


def shell_line(text: str, escapes: Mapping[str, str]) -> ShellLine:
    """Read `text` as the shell does. `escapes` says which characters a backslash takes the meaning from, inside each quotation mark."""
    words: list[str] = []
    current, quote = "", ""
    begun = evaluated = False
    at = 0
    while at < len(text):
        char, following = text[at], text[at + 1 : at + 2]
        at += 1
        if quote:
            if char == quote:
                quote = ""
            elif char == "\\" and following and following in escapes[quote]:
                current += following
                at += 1
            else:
                evaluated = evaluated or (quote == '"' and (char == "`" or char + following == "$("))
                current += char
        elif char.isspace():
            if begun:
                words.append(current)
            current, begun, evaluated = "", False, False
        else:
            begun = True
            if char in "'\"":
                quote = char
            elif char == "\\":
                current += following
                at += 1
            else:
                evaluated = (
                    evaluated or char == "`" or (char == "$" and following in ("(", "'", '"') and bool(following))
                )
                current += char
    return ShellLine(tuple(words), current, quote, evaluated)


class _Completion(ShellComplete):
    """What the three shells share. Their scripts hand over the line up to the cursor, and read lines of kind, value and gloss."""

    escapes: ClassVar[Mapping[str, str]] = {"'": "", '"': '\\"$`\n'}

    def line(self) -> ShellLine:
        return shell_line(os.environ["COMP_WORDS"], self.escapes)

    def get_completion_args(self) -> tuple[list[str], str]:
        line = self.line()
        return list(line.words[1:]), line.current

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        """As click does; and a value that begins with a minus (--sort -decided) is not taken for an option."""
        if incomplete.startswith("--") and "=" in incomplete:
            flag, _, incomplete = incomplete.partition("=")
            args = [*args, flag]
        waiting = self._waiting(args) if incomplete.startswith("-") else None
        if waiting is None:
            return super().get_completions(args, incomplete)
        context = click.Context(self.cli, info_name=self.prog_name, resilient_parsing=True)
        return waiting.shell_complete(context, incomplete)

    def _waiting(self, args: list[str]) -> click.Option | None:
        """The option whose value stands at the cursor."""
        for parameter in self.cli.params:
            if isinstance(parameter, click.Option) and not parameter.is_flag and args and args[-1] in parameter.opts:
                return parameter
        return None

    def complete(self) -> str:
        line = self.line()
        if line.evaluated:
            return ""
        head = line.current.partition("=")[0] + "=" if line.current.startswith("--") and "=" in line.current else ""
        items = self.get_completions(*self.get_completion_args())
        return "\n".join([*self.preface(line), *filter(None, (self._row(item, head) for item in items[:_MOST]))])

    def preface(self, line: ShellLine) -> list[str]:
        return []

    def _row(self, item: CompletionItem[str], head: str) -> str:
        """One line for the script; "" for what cannot be inserted."""
        if item.type in ("file", "dir"):
            return f"{item.type}\t{head}\t{item.value}" if insertable(item.value) == item.value else ""
        value = insertable(item.value)
        if value is None:
            return ""
        return self.format_completion(
            CompletionItem(head + value, item.type, insertable(filled(item.help or "")) or "")
        )

    def format_completion(self, item: CompletionItem[str]) -> str:
        return f"{item.type}\t{item.value}\t{item.help or ''}"


@add_completion_class
class BashCompletion(_Completion):
    """bash breaks words at colons and equals signs: COMP_WORD is what it will replace, and may be but the end of the word. It closes the quotation
    mark that is open, but not behind a value that ends in one; there the script does."""

    name = "bash"
    source_template = r"""%(complete_func)s() {
  local kind value rest quote="" whole=1
  COMPREPLY=()
  while IFS=$'\t' read -r kind value rest; do
    case "$kind" in
      quote) quote="$value" ;;
      file) compopt -o default +o nospace ;;
      dir) compopt -o dirnames +o nospace ;;
      plain|part)
        case "$quote" in
          single) value="${value//\'/\'\\\'\'}"; [[ $value == *\' ]] && value+="'" ;;
          double) value="${value//\\/\\\\}"; value="${value//\"/\\\"}"; value="${value//\$/\\\$}"; value="${value//\`/\\\`}"
                  value="${value//\!/\"\'\!\'\"}"; [[ $value == *\" ]] && value+='"' ;;
          *) [[ $value == *[!A-Za-z0-9_./:,=@%%+-]* ]] && printf -v value %%q "$value" ;;
        esac
        COMPREPLY+=("$value")
        [[ $kind == part ]] && whole="" ;;
    esac
  done < <(COMP_WORDS="${COMP_LINE:0:COMP_POINT}" COMP_WORD="$2" %(complete_var)s=bash_complete %(prog_name)s 2>/dev/null)
  [[ -n $whole && -n ${COMPREPLY[*]} ]] && compopt +o nospace
  return 0
}
complete -o nosort -o nospace -F %(complete_func)s %(prog_name)s
"""

    def preface(self, line: ShellLine) -> list[str]:
        return [f"quote\t{ {chr(39): 'single', chr(34): 'double'}[line.quote] }"] if line.quote else []

    def format_completion(self, item: CompletionItem[str]) -> str:
        """The part of the word that bash replaces; nothing where that would change what stands before it, or change nothing at all."""
        text, replaced = os.environ["COMP_WORDS"], os.environ["COMP_WORD"]
        if not text.endswith(replaced):
            return ""
        kept = shell_line(text[: len(text) - len(replaced)], self.escapes).current
        if not item.value.startswith(kept) or item.value == self.line().current:
            return ""
        return f"{item.type}\t{item.value[len(kept) :]}"


@add_completion_class
class ZshCompletion(_Completion):
    """compadd quotes, in the way of the quotation mark that is open; -U because a value may be met by its second word."""

    name = "zsh"
    source_template = r"""#compdef %(prog_name)s
%(complete_func)s() {
  local -a lines whole whole_shown parts parts_shown fields
  local line
  lines=("${(@f)$(COMP_WORDS="${(pj:\n:)words[1,CURRENT-1]}"$'\n'"$QIPREFIX$PREFIX" %(complete_var)s=zsh_complete %(prog_name)s 2>/dev/null)}")
  for line in "${lines[@]}"; do
    fields=("${(@ps:\t:)line}")
    case "$fields[1]" in
      file) [[ -n $fields[2] ]] && compset -P '*='; _files; return ;;
      dir) [[ -n $fields[2] ]] && compset -P '*='; _files -/; return ;;
      plain) whole+=("$fields[2]"); whole_shown+=("$fields[2]${fields[3]:+   $fields[3]}") ;;
      part) parts+=("$fields[2]"); parts_shown+=("$fields[2]${fields[3]:+   $fields[3]}") ;;
    esac
  done
  (( $#whole )) && compadd -U -V whole -l -d whole_shown -a -- whole
  (( $#parts )) && compadd -S '' -U -V parts -l -d parts_shown -a -- parts
  (( $#whole + $#parts ))
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  %(complete_func)s "$@"
else
  compdef %(complete_func)s %(prog_name)s
fi
"""


@add_completion_class
class FishCompletion(_Completion):
    """fish quotes what it inserts."""

    name = "fish"
    escapes: ClassVar[Mapping[str, str]] = {"'": "\\'", '"': '\\"$\n'}
    source_template = r"""function %(complete_func)s
    set -lx COMP_WORDS (commandline -cp | string collect)
    set -lx %(complete_var)s fish_complete
    for line in (%(prog_name)s 2>/dev/null)
        set -l fields (string split \t -- $line)
        switch $fields[1]
            case file
                for path in (__fish_complete_path $fields[3])
                    printf '%%s%%s\n' $fields[2] $path
                end
            case dir
                for path in (__fish_complete_directories $fields[3])
                    printf '%%s%%s\n' $fields[2] $path
                end
            case '*'
                printf '%%s\t%%s\n' $fields[2] $fields[3]
        end
    end
end
complete -c %(prog_name)s -f -k -a '(%(complete_func)s)'
"""


def part(value: str, gloss: str = "") -> CompletionItem[Any]:
    """A completion after which the word may go on."""
    return CompletionItem(value, PART, gloss)
