"""The editing form of menus."""

from typing import Any

from wagtail.admin.forms import WagtailAdminModelForm

from content.forms.rows import rows


class MenuForm(WagtailAdminModelForm):
    def clean(self) -> dict[str, Any] | None:
        cleaned: dict[str, Any] | None = super().clean()
        self._refuse_second()
        if self.is_deferred_validation:
            return cleaned
        entries = sorted(rows(self, "entries"), key=lambda row: row.cleaned_data.get("ORDER") or 0)
        for position, row in enumerate(entries):
            page, address = row.cleaned_data.get("page"), row.cleaned_data.get("address")
            if not page and not address and not row.errors:
                row.add_error("page", "Choose a page, or enter an address.")
            elif address and not row.cleaned_data.get("label"):
                row.add_error("label", "Enter what the link says.")
            if position == 0 and row.cleaned_data.get("is_below"):
                row.add_error("is_below", "The first entry has none above it.")
        return cleaned

    def _refuse_second(self) -> None:
        """Django checks a constraint among the fields of the form only, and the language is none of them."""
        site, place = self.cleaned_data.get("site"), self.cleaned_data.get("place")
        if site is None or not self.instance.locale_id:
            return
        same = type(self.instance)._default_manager.filter(site=site, place=place, locale=self.instance.locale_id)
        if same.exclude(pk=self.instance.pk).exists():
            self.add_error("place", "This site has this menu in this language already. Edit that one.")
