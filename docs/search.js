// Two things that the search of the site lacks.
//
// 1. Chinese has no spaces between words. The index holds single characters, so a query asks for all of its characters.
// 2. A page that was opened from a folder may not start a worker: the search then runs in a hidden frame.
const apart = (query) => query.replace(/[+-]?\p{sc=Han}+/gu, (run) => [...run.replace(/^[+-]/, "")].map((c) => ` +${c}`).join("") + " ");

const InFrame = class extends EventTarget {
  constructor(url) {
    super();
    this.waiting = [];
    const frame = document.createElement("iframe");
    frame.hidden = true;
    document.body.appendChild(frame);
    this.inside = frame.contentWindow;
    const inside = this.inside;
    const load = (address) =>
      new Promise((done, failed) => {
        const script = inside.document.createElement("script");
        script.src = address;
        script.onload = done;
        script.onerror = failed;
        inside.document.head.appendChild(script);
      });
    inside.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
    inside.importScripts = async (...addresses) => {
      for (const address of addresses) await load(address);
    };
    load(url).then(() => {
      const sent = this.waiting;
      this.waiting = null;
      sent.forEach((data) => this.send(data));
    });
  }
  send(data) {
    this.inside.dispatchEvent(new this.inside.MessageEvent("message", { data }));
  }
  postMessage(data) {
    if (this.waiting) this.waiting.push(data);
    else this.send(data);
  }
};

const fromFolder = location.protocol === "file:";
if (fromFolder) window.IFrameWorker = InFrame; // the search looks for this name to find its own parts
window.Worker = class extends (fromFolder ? InFrame : window.Worker) {
  postMessage(message) {
    const isQuery = message && typeof message.data === "string";
    super.postMessage(isQuery ? { ...message, data: apart(message.data) } : message);
  }
};
