// An encode worker that ends in the middle of its work.
import workerpool from 'workerpool';

const end = () => process.exit(7);
workerpool.worker({ encodeRowGroup: end, encodeSegment: end });
