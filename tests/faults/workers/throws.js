// An encode worker that does not even start.
throw new Error('this worker does not start');
