import { checkedUrl } from '../checked-url.js';

/** The region whose hosts know the regions of all buckets. */
const DEFAULT_REGION = 'us-east-1';
/** Buckets whose names can be labels of a host name with AWS's certificate. */
const HOST_LABEL = /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/;

/**
 * Where a bucket is.
 * @typedef {object} S3Endpoint
 * @property {string} region
 * @property {boolean} isCustom whether the environment names the endpoint
 * @property {(region: string) => string} bucketUrl without a slash at its end
 */

/**
 * @param {string} bucket
 * @param {NodeJS.ProcessEnv} env
 * @param {{ allowHttp?: boolean | undefined }} options
 * @returns {S3Endpoint}
 */
export function findEndpoint(bucket, env, { allowHttp = false }) {
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION || DEFAULT_REGION;
  const custom = env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL;
  if (!custom) return { region, isCustom: false, bucketUrl: (region) => awsUrl(bucket, region) };
  const base = checkedUrl('AWS_ENDPOINT_URL', custom, allowHttp);
  return { region, isCustom: true, bucketUrl: () => `${base}/${bucket}` };
}

/** @param {string} bucket @param {string} region */
function awsUrl(bucket, region) {
  const host = `s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
  return HOST_LABEL.test(bucket) ? `https://${bucket}.${host}` : `https://${host}/${bucket}`;
}
