// Unpacks the front end of a report file and starts it. The data stays packed until a page asks for it.
(async () => {
  const app = document.getElementById("app");
  try {
    const packed = document.getElementById("telemap-app").textContent;
    const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
    const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const script = document.createElement("script");
    script.type = "module";
    script.textContent = await new Response(plain).text();
    document.body.append(script);
  } catch (error) {
    app.textContent = `This report cannot be shown by this browser (${error}). Any browser of 2023 or later can.`;
  }
})();
