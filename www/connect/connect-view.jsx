/** What the tab Connect shows. */
export function ConnectView() {
  return (
    <div class="view">
      <div class="view-head">
        <h1>Connect</h1>
      </div>
    </div>
  );
}
