import { EventEmitter } from 'events';
import { paint } from './paint';

const emitter = new EventEmitter();

emitter.on('drag', onDrag);
emitter.once('drop', (event) => event); //: * drop
window.addEventListener('resize', paint);

function onDrag() {} //: * drag

export const handlers = {
  renderReact,
  notify: (data) => data, //: * notify
  async store(data) { //: * store
    return data;
  },
  limit: 3,
};

function renderReact() {} //: * renderReact
