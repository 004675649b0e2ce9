#!/usr/bin/env node
import { createProgram } from './cli/program.js';

process.exitCode = await createProgram(process).run(process.argv);
