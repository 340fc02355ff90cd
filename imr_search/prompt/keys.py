"""What keys do here that they do not do everywhere: Enter knows an incomplete query, Up recalls by prefix."""

from __future__ import annotations

from prompt_toolkit.application import get_app
from prompt_toolkit.filters import Condition, completion_is_selected, has_completions, is_searching
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.key_binding.key_processor import KeyPressEvent

from imr_search.prompt.colours import incomplete


@Condition
def _on_first_line() -> bool:
    return get_app().current_buffer.document.on_first_line


@Condition
def _on_last_line() -> bool:
    return get_app().current_buffer.document.on_last_line


def bindings() -> KeyBindings:
    keys = KeyBindings()

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
