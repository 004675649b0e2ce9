// An encode worker that runs out of memory.
import workerpool from 'workerpool';

function allocate() {
  const arrays = [];
  for (;;) arrays.push(new Array(10_000).fill(arrays.length));
}
workerpool.worker({ encodeRowGroup: allocate, encodeSegment: allocate });
