// An encode worker that exits during a call.
import workerpool from 'workerpool';

const end = () => process.exit(7);
workerpool.worker({ encodeRowGroup: end, encodeSegment: end });
