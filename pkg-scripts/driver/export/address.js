import { PetitError } from '../errors.js';
import { sinkContext } from '../run/run.js';

/** @import { ExportRequest } from '../../types.js' */
/** @import { RunContext } from '../run/run.js' */

/**
 * A run that writes its only file to a signed address, if that is the output. The plan knows only the name of the file: the
 * address is a secret.
 * @param {RunContext} run
 * @param {ExportRequest} request
 */
export async function openAddress(run, request) {
  const { output = '', partition, fileSize } = request;
  const { openAddress: open } = run.platform;
  if (!open || request.openSink || !/^https?:\/\//i.test(output)) return undefined;
  if (partition !== undefined || fileSize !== undefined)
    throw new PetitError(
      'invalid_option',
      'several files cannot go to one address; use --output-dir with s3://, gs:// or az://',
    );
  const { name, openSink } = await open(output, sinkContext(run));
  const platform = { ...run.platform, openSink, inspectOutputs: async () => [], whyNoFileIn: undefined };
  const fileName = name.slice(name.lastIndexOf('/') + 1);
  return { name, run: { ...run, platform }, request: { ...request, output: fileName } };
}
