"""``telemap index``: what is stored of code and definitions, and the links from handlers to functions."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Telemap

LINKS = (
    "SELECT sequence_id, handler, rank, code_file_path, code_line_number, code_confidence FROM code_link ORDER BY ALL"
)


def links(telemap: Telemap) -> list[str]:
    return telemap("query", LINKS, "--format", "csv").out.splitlines()[1:]


def test_declared_steps_and_routes_are_stored_with_their_places(project: Path, telemap: Telemap) -> None:
    (project / "definitions" / "topics-manifest.json").write_text(
        '{"topics": {"cart.filled": {"routes": [{"pluginId": "Shop", "sequenceId": "checkout"}]}}}'
    )
    assert telemap("index", "src", "--definitions", "definitions").status == 0
    step = "sequence_id, sequence_name, plugin, movement, movement_number, beat, step_number, event_name, handler"
    place = (
        "handlers_path, file_path, line_number, sequence_line_number, code_file_path, code_line_number, code_confidence"
    )
    assert telemap("query", f"SELECT {step}, {place} FROM declared_step", "--format", "csv").out.splitlines()[1:] == [
        "checkout,Checkout,Shop,M,1,1,1,cart:priced,price,shop,checkout.json,1,1,shop.py,1,0.98"
    ]
    assert telemap("query", "declared_route", "--format", "csv").out.splitlines()[1:] == [
        "cart.filled,Shop,checkout,topics-manifest.json,1"
    ]


LIMITS = (
    "SELECT sequence_id, step_number, event_name, quantile, limit_ns, text, file_path, line_number FROM declared_limit"
)


def test_budgets_of_the_settings_hold_for_what_is_declared(project: Path, telemap: Telemap) -> None:
    def limits(budgets: str) -> list[str]:
        (project / "telemap.toml").write_text(f"definitions = ['definitions']\n[budgets]\n{budgets}")
        assert telemap("index", "src").status == 0
        return telemap("query", f"{LIMITS} ORDER BY ALL", "--format", "csv").out.splitlines()[1:]

    assert limits("'cart:priced' = '50ms p95'\nCheckout = '2s'\n\"POST /pay\" = '1 min'\n") == [
        "checkout,1,cart:priced,0.95,50000000,50ms p95,telemap.toml,3",
        "checkout,,,,2000000000,2s,telemap.toml,4",
        ",,POST /pay,,60000000000,1 min,telemap.toml,5",
    ]
    assert limits("checkout = '3s'\n") == ["checkout,,,,3000000000,3s,telemap.toml,3"]
    assert limits("") == []


def test_code_and_definitions_can_come_in_either_order(project: Path, telemap: Telemap) -> None:
    telemap("index", "src")
    telemap("index", "--definitions", "definitions")
    code_first = links(telemap)
    telemap("index", "--definitions", "definitions", "--db", "other")
    telemap("index", "src", "--db", "other")
    said = telemap("query", LINKS, "--format", "csv", "--db", "other")
    assert code_first == said.out.splitlines()[1:] == ["checkout,price,1,shop.py,1,0.98"]


def test_an_index_replaces_what_was_indexed_before(project: Path, telemap: Telemap) -> None:
    telemap("index", "src", "--definitions", "definitions")
    (project / "src" / "shop.py").write_text("\n\ndef price(cart):\n    return 0\n")
    telemap("index", "src", "--definitions", "definitions")
    moved = links(telemap)
    (project / "src" / "shop.py").write_text("")
    telemap("index", "src", "--definitions", "definitions")
    assert (moved, links(telemap)) == (["checkout,price,1,shop.py,3,0.98"], [])


def test_candidates_are_ranked(project: Path, telemap: Telemap) -> None:
    (project / "src" / "wholesale.py").write_text("def price(cart):\n    return 0\n")
    telemap("ingest", "logs")
    telemap("index", "src")
    assert links(telemap) == [",price,1,shop.py,1,0.475", ",price,2,wholesale.py,1,0.475"]


def test_a_folder_inside_another_is_read_once(project: Path, telemap: Telemap) -> None:
    telemap("index", "src", ".")
    said = telemap("query", "SELECT file_path, name FROM code_symbol", "--format", "csv")
    assert said.out == "file_path,name\nsrc/shop.py,price\n"


def test_spans_have_the_place_of_their_declared_handler(project: Path, telemap: Telemap) -> None:
    telemap("index", "src", "--definitions", "definitions")
    telemap("ingest", "logs")
    sql = "SELECT kind, handler, code_file_path, code_line_number, code_evidence FROM span ORDER BY kind"
    assert telemap("query", sql, "--format", "csv").out.splitlines()[1:] == [
        "beat,price,shop.py,1,definition",
        "handler,price,shop.py,1,definition",
        "sequence,,,,",
    ]


def test_a_handler_is_one_row_whether_declared_or_seen(project: Path, telemap: Telemap) -> None:
    telemap("ingest", "logs")
    telemap("index", "src", "--definitions", "definitions")
    sql = "SELECT handler, plugin, sequences, code_file_path, declared_file_path, executions, errors FROM handler"
    assert telemap("query", sql, "--format", "csv").out.splitlines()[1:] == [
        'price,Shop,"[""checkout""]",shop.py,checkout.json,1,0'
    ]
