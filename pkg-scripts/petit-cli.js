#!/usr/bin/env node
import { createProgram } from './cli/program.js';

// The command under the name of the Python tool that petit replaces. As in that tool, a call without arguments prints the
// help and exits with 2.
const { argv } = process;
const isEmpty = argv.length === 2;
const exitCode = await createProgram(process).run(isEmpty ? [...argv, '--help'] : argv);
process.exitCode = isEmpty ? 2 : exitCode;
