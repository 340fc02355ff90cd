"""What keys do here that they do not do everywhere: Enter knows an incomplete query, Up recalls by prefix, Tab waits for its menu."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from prompt_toolkit.application import get_app
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.document import Document
from prompt_toolkit.filters import (
    Condition,
    completion_is_selected,
    emacs_insert_mode,
    has_completions,
    is_searching,
    vi_insert_mode,
)
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.key_binding.key_processor import KeyPressEvent

from imr_search.repl.partial_query import incomplete

_AWAITED, _LOOK = 3.0, 0.02  # seconds that a Tab waits for its menu, and between two looks


@Condition
def _on_first_line() -> bool:
    return get_app().current_buffer.document.on_first_line


@Condition
def _on_last_line() -> bool:
    return get_app().current_buffer.document.on_last_line


async def _taken(buffer: Buffer) -> None:
    """A Tab that came before the menu takes the menu's first line, as one that comes after it does: fast fingers would lose it."""
    document = buffer.document
    for _ in range(int(_AWAITED / _LOOK)):
        await asyncio.sleep(_LOOK)
        if buffer.document != document:
            return
        state = buffer.complete_state
        if state is not None and state.completions:  # there is a state already before there is a line in it
            if state.complete_index is None:
                buffer.complete_next()
            return


def bindings(offers: Callable[[str], Sequence[str]] = lambda text: ()) -> KeyBindings:
    """`offers` gives, for what stands in the line, the queries that were offered in its place."""
    keys = KeyBindings()
    cycle: list[str] = []

    @keys.add("c-t", filter=~is_searching)
    def take_offer(event: KeyPressEvent) -> None:
        """What was offered behind "try:", one after the other, and then what was typed again."""
        buffer = event.current_buffer
        if buffer.text not in cycle:
            cycle[:] = dict.fromkeys((buffer.text, *offers(buffer.text)))
        if len(cycle) > 1:
            text = cycle[(cycle.index(buffer.text) + 1) % len(cycle)]
            buffer.document = Document(text, len(text))

    @keys.add("enter", filter=~completion_is_selected & ~is_searching)
    def run(event: KeyPressEvent) -> None:
        """Run a complete query; open a line in an incomplete one, unless the line is empty: then it is run, and the error says what is open."""
        buffer = event.current_buffer
        if incomplete(buffer.text) and buffer.document.current_line.strip():
            buffer.insert_text("\n")
        else:
            buffer.validate_and_handle()

    @keys.add("enter", filter=completion_is_selected & ~is_searching)
    def take(event: KeyPressEvent) -> None:
        event.current_buffer.complete_state = None

    @keys.add("tab", filter=~has_completions & ~is_searching & (emacs_insert_mode | vi_insert_mode))
    def complete(event: KeyPressEvent) -> None:
        event.current_buffer.start_completion(insert_common_part=True)
        event.app.create_background_task(_taken(event.current_buffer))

    @keys.add("escape", "enter")
    def line(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    @keys.add("up", filter=_on_first_line & ~has_completions & ~is_searching)
    def back(event: KeyPressEvent) -> None:
        event.current_buffer.history_backward(count=event.arg)

    @keys.add("down", filter=_on_last_line & ~has_completions & ~is_searching)
    def forth(event: KeyPressEvent) -> None:
        event.current_buffer.history_forward(count=event.arg)

    return keys
