"""Content as files: written out by `export_content`, taken in by `import_content`.

     text ─ nodes ─▶ Node (value and line) ─ folder ─▶ Record ─ slots, blocks, rich_text ─▶ object ─ validation ─▶ saved
     text ◀─ writing ─ plain values ◀──────────────────────── slots, blocks, rich_text ◀─ object

What is exported is found in the models (`kinds`): a new field, block or page type needs no line here. No primary key
is ever written; objects are named by what editors know them by (`references`).
"""
