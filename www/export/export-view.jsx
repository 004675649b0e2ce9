/** What the tab Export shows. */
export function ExportView() {
  return (
    <div class="view">
      <div class="view-head">
        <h1>Export</h1>
      </div>
    </div>
  );
}
