/** What the tab Clone shows. */
export function CloneView() {
  return (
    <div class="view">
      <div class="view-head">
        <h1>Clone</h1>
      </div>
    </div>
  );
}
