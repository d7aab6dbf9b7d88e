// Says under a text field how many characters are left. Counts as the server does: a line break is two characters.
window.wagtail.app.register(
  'toolshelf-count',
  class extends window.StimulusModule.Controller {
    static targets = ['said'];

    static values = { limit: Number };

    connect() {
      this.field = this.element.querySelector('textarea');
      this.count = this.count.bind(this);
      this.field.addEventListener('input', this.count);
      this.count();
    }

    disconnect() {
      this.field.removeEventListener('input', this.count);
    }

    count() {
      const length = [...this.field.value.trim().replace(/\r?\n/g, '\r\n')].length;
      const left = this.limitValue - length;
      this.saidTarget.textContent =
        left < 0 ? `${-left} of ${length} characters too many` : `${left} of ${this.limitValue} characters left`;
      this.element.classList.toggle('toolshelf-too-long', left < 0);
    }
  },
);
