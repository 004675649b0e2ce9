// Notices when `petit serve` has ended, or when another program answers at its address.
import { signal } from '@preact/signals';
import { verifyRelay } from '../pkg-scripts/driver/utils/relay-proof.js';
import { relay } from './relay.js';

/** @import { ErrorData, Relay } from '../pkg-scripts/types.js' */

/** Time between two checks, in milliseconds. */
const INTERVAL_MS = 5_000;

/** Why the server of this page cannot be used any more. */
export const relayError = signal(/** @type {ErrorData | undefined} */ (undefined));

/** Checks the server regularly, and whenever the user returns to the page. Without a server it does nothing. */
export function watchRelay() {
  const server = relay;
  if (!server) return;
  let isChecking = false;
  const check = async () => {
    // A server that has ended never comes back: the next one has other keys.
    if (isChecking || relayError.peek()) return;
    isChecking = true;
    relayError.value = await findError(server);
    isChecking = false;
  };
  setInterval(check, INTERVAL_MS);
  document.addEventListener('visibilitychange', check);
}

/** @param {Relay} relay */
async function findError(relay) {
  try {
    await verifyRelay(relay);
    return undefined;
  } catch (error) {
    return /** @type {import('../pkg-scripts/driver/errors.js').PetitError} */ (error).toJSON();
  }
}
