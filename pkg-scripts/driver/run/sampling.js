import { PetitError } from '../errors.js';
import { omitUndefined } from '../utils/omit-undefined.js';
import { wasm } from '../wasm.js';

/** @import * as core from '../../core.js' */
/** @import { SampleRequest } from '../../types.js' */

/**
 * The sample of a request as the core takes it.
 * @param {SampleRequest} request
 * @returns {core.SampleOptions | undefined}
 */
export function sampleOf({ sample: share, sampleBy: by, sampleOthers: others }) {
  if (share !== undefined) return omitUndefined({ share, by, others });
  if (by === undefined && others === undefined) return undefined;
  throw new PetitError('invalid_option', '--by and --sample-others require --sample');
}

/**
 * Checks a sample before the first request.
 * @param {SampleRequest} request
 */
export function checkSampling(request) {
  const sample = sampleOf(request);
  if (sample) wasm.checkSample(sample);
}
