/**
 * A progress bar.
 * @param {{ fraction: number, label: string, tone?: 'good' | 'bad', large?: boolean }} props `fraction` is from 0 to 1
 */
export function ProgressBar({ fraction, label, tone, large }) {
  return (
    <div
      class={`bar ${tone ? `bar-${tone}` : ''} ${large ? 'bar-large' : ''}`}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.floor(fraction * 100)}
      style={{ '--fraction': fraction }}
    >
      <i />
    </div>
  );
}
