// A page as anybody may build it with a bundler of theirs; the test calls `window.exportRows`.
import { configure, exportTable } from 'petit-td';

// esbuild does not bundle the files of a package. They lie beside the page, and `configure` names them.
if (window.petitFiles) configure(window.petitFiles);

window.exportRows = async (account, database, table) => {
  let bytes = 0;
  let head;
  const to = new WritableStream({
    write(chunk) {
      head ??= new TextDecoder().decode(chunk.subarray(0, 4));
      bytes += chunk.length;
    },
  });
  const { rows } = await exportTable({ account, database, table, to, workers: 2 });
  return { rows, bytes, head };
};
document.body.textContent = 'ready';
