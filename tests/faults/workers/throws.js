// An encode worker that throws at its start.
throw new Error('this worker does not start');
