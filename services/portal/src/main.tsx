import { createRoot } from 'react-dom/client';
import { z } from 'zod';

import { App } from './app/app.js';
import { loadPageOf } from './app/routes.js';
import { path } from './shared/location.js';

// Compiling schemas needs what the page's security policy forbids.
z.config({ jitless: true });

loadPageOf(path());
createRoot(document.getElementById('portal')!).render(<App />);
