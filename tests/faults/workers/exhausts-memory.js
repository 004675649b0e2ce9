// An encode worker that runs out of memory.
import workerpool from 'workerpool';

function eat() {
  const eaten = [];
  for (;;) eaten.push(new Array(10_000).fill(eaten.length));
}
workerpool.worker({ encodeRowGroup: eat, encodeSegment: eat });
