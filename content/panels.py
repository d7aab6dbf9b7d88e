"""Panels of the editing screens that Wagtail does not have."""

from wagtail.admin.panels import MultipleChooserPanel
from wagtail.admin.telepath import register as register_telepath_adapter


class ChooseOrAddPanel(MultipleChooserPanel):
    """Rows that are chosen several at a time, or added empty one by one to be filled in by hand."""

    @register_telepath_adapter
    class BoundPanel(MultipleChooserPanel.BoundPanel):
        template_name = "content/panels/choose_or_add.html"
