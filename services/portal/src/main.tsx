import { createRoot } from 'react-dom/client';
import { z } from 'zod';

import { App } from './app/app.js';

// Compiling schemas needs what the page's security policy forbids.
z.config({ jitless: true });

createRoot(document.getElementById('portal')!).render(<App />);
