import { useRef, useState } from 'preact/hooks';
import { Button } from '../components/button.jsx';
import { openFile } from './open-file.js';

/**
 * Opens Parquet files that are dropped on it.
 * @param {{ children: import('preact').ComponentChildren }} props
 */
export function DropZone({ children }) {
  const [isDragging, setIsDragging] = useState(false);
  const onDragOver = (/** @type {DragEvent} */ event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    setIsDragging(true);
  };
  const onDrop = (/** @type {DragEvent} */ event) => {
    setIsDragging(false);
    const [file] = event.dataTransfer?.files ?? [];
    if (!file) return;
    event.preventDefault();
    openFile(file.name, file);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: OpenButton does the same for the keyboard
    <div
      class={`drop-zone ${isDragging ? 'drop-zone-over' : ''}`}
      onDragOver={onDragOver}
      onDragLeave={() => setIsDragging(false)}
      onDrop={onDrop}
    >
      {children}
    </div>
  );
}

/** Opens a Parquet file with the browser's dialog. */
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
          if (file) openFile(file.name, file);
          currentTarget.value = '';
        }}
      />
      <Button icon="grid" onClick={() => input.current?.click()}>
        Open a Parquet file
      </Button>
    </>
  );
}
