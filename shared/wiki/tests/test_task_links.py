"""Links of pages that have tasks."""

from shared.wiki.markdown import links_in


def test_a_task_without_a_link_is_no_trouble_beside_one_with() -> None:
    source = "See TeaPage.\n\n- [x] a second key box\n- [ ] ask GreenTea\n"
    assert links_in(source, 1.0) == ("TeaPage", "GreenTea")
