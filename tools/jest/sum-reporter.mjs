/** Adds the numbers of one jest run to a file, from which tools/test.mjs makes its last line. */
import { appendFileSync } from 'node:fs';

export default class SumReporter {
  onRunComplete(_contexts, results) {
    const file = process.env.PROVIDENT_TEST_SUM_FILE;
    if (!file) return;
    const brokenFiles = results.testResults.filter((each) => each.testExecError && each.numFailingTests === 0).length;
    const sum = {
      passed: results.numPassedTests,
      failed: results.numFailedTests + brokenFiles,
      skipped: results.numPendingTests + results.numTodoTests,
    };
    appendFileSync(file, `${JSON.stringify(sum)}\n`);
  }
}
