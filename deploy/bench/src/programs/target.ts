/** The target: the fast SCIM server in a process of its own. Any question is answered with all of its users. */
import { startQuirkScimServer } from '@provident/connectors/testing';

const server = await startQuirkScimServer({ fast: true });
process.on('message', () => process.send?.(server.users()));
process.once('disconnect', () => process.exit(0));
process.send?.({ url: server.url });
