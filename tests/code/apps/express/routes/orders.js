import { Router } from 'express';
import { place } from '../controllers/orders.js';

export const router = Router();
const BASE = '/items';

router.post(BASE + '/:item', place);
