import { useRef, useState } from 'preact/hooks';
import { Button } from '../components/button.jsx';
import { show } from './open-file.js';

/**
 * A part of the page that Parquet files can be dropped on.
 * @param {{ children: import('preact').ComponentChildren }} props
 */
export function DropZone({ children }) {
  const [isOver, setIsOver] = useState(false);
  const over = (/** @type {DragEvent} */ event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    setIsOver(true);
  };
  const drop = (/** @type {DragEvent} */ event) => {
    setIsOver(false);
    const [file] = event.dataTransfer?.files ?? [];
    if (!file) return;
    event.preventDefault();
    show(file.name, file);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button beside it does the same for the keyboard
    <div
      class={`drop-zone ${isOver ? 'drop-zone-over' : ''}`}
      onDragOver={over}
      onDragLeave={() => setIsOver(false)}
      onDrop={drop}
    >
      {children}
    </div>
  );
}

/** The same by a dialog. */
export function OpenButton() {
  const input = useRef(/** @type {HTMLInputElement | null} */ (null));
  return (
    <>
      <input
        ref={input}
        type="file"
        accept=".parquet,application/vnd.apache.parquet"
        aria-label="Parquet file"
        hidden
        onChange={({ currentTarget }) => {
          const [file] = currentTarget.files ?? [];
          if (file) show(file.name, file);
          currentTarget.value = '';
        }}
      />
      <Button icon="grid" onClick={() => input.current?.click()}>
        Look into a Parquet file
      </Button>
    </>
  );
}
