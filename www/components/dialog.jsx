import { useEffect, useId, useRef } from 'preact/hooks';

/** @import { ComponentChildren } from 'preact' */

/**
 * A modal dialog with a form. The browser keeps the focus inside, and Escape closes it.
 * @param {{ title: string, onClose: () => void, onSubmit: () => void, children: ComponentChildren,
 *   actions: ComponentChildren }} props
 */
export function Dialog({ title, onClose, onSubmit, children, actions }) {
  const id = useId();
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog class="dialog" ref={dialog} aria-labelledby={id} onClose={onClose}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit();
        }}
      >
        <h2 id={id}>{title}</h2>
        {children}
        <div class="dialog-actions">{actions}</div>
      </form>
    </dialog>
  );
}
