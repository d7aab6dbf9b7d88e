// Lets an editor put a fact into a sentence. What is stored is which fact it is; its text is that of the day it is read.
(() => {
  const { createElement } = window.React;
  const { EditorState, Modifier } = window.DraftJS;

  class FactSource extends window.draftail.ModalWorkflowSource {
    getChooserConfig() {
      return {
        url: this.props.entityType.chooserUrls.factChooser,
        urlParams: {},
        onload: window.CHOOSER_MODAL_ONLOAD_HANDLERS,
        responses: { chosen: this.onChosen },
      };
    }

    onChosen({ id, string, display, edit_url: url }) {
      const { editorState, entityType, onComplete } = this.props;
      const content = editorState.getCurrentContent().createEntity(entityType.type, 'IMMUTABLE', { id, label: string, url });
      const key = content.getLastCreatedEntityKey();
      const changed = Modifier.replaceText(content, editorState.getSelection(), display, null, key);
      this.workflow.close();
      onComplete(EditorState.push(editorState, changed, 'insert-characters'));
    }
  }

  const Fact = (props) => {
    const { label, url } = props.contentState.getEntity(props.entityKey).getData();
    const icon = createElement(window.wagtail.components.Icon, { name: 'circle-check' });
    return createElement(window.draftail.TooltipEntity, { ...props, icon, label, url });
  };

  window.draftail.registerPlugin({ type: 'FACT', source: FactSource, decorator: Fact }, 'entityTypes');
})();
