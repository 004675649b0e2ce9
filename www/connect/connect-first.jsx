import { Button } from '../components/button.jsx';
import { EmptyState } from '../components/empty-state.jsx';
import { view } from '../navigation.js';

/**
 * Shown in place of a plan while an account is missing.
 * @param {{ title: string, text: string }} props
 */
export function ConnectFirst({ title, text }) {
  return (
    <EmptyState icon="link" title={title}>
      <p>{text}</p>
      <Button
        variant="primary"
        onClick={() => {
          view.value = 'connect';
        }}
      >
        Connect
      </Button>
    </EmptyState>
  );
}
