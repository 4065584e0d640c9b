// SPDX-License-Identifier: Apache-2.0
// compare.mjs FOLDER: runs what cross_net has written through TensorFlow.js, with a conversion of the same
// weights that others made, and prints how far the two engines are apart.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs-core";
import { loadGraphModel } from "@tensorflow/tfjs-converter";
import "@tensorflow/tfjs-backend-cpu";

const LIMIT_PX = 1e-3; // of a crop of 192 px; two engines that sum in different order were 2e-4 apart
const SIDE = 192;
const MESH = 1404;

const models = join(dirname(fileURLToPath(import.meta.url)), "node_modules/@vladmandic/human/models");
const json = JSON.parse(readFileSync(join(models, "facemesh.json"), "utf8"));
const weights = readFileSync(join(models, "facemesh.bin"));
await tf.setBackend("cpu");
const net = await loadGraphModel({
  load: async () => ({
    modelTopology: json.modelTopology,
    format: json.format,
    signature: json.signature,
    weightSpecs: json.weightsManifest.flatMap((group) => group.weights),
    weightData: weights.buffer.slice(weights.byteOffset, weights.byteOffset + weights.byteLength),
  }),
});

const folder = process.argv[2];
const floats = (name) => {
  const bytes = readFileSync(join(folder, name));
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
};
let worst = 0;
let crops = 0;
for (const name of readdirSync(folder).filter((n) => n.endsWith(".input"))) {
  const ours = floats(name.replace(".input", ".output"));
  const outputs = net.execute(tf.tensor(floats(name), [1, SIDE, SIDE, 3])); // one or several tensors
  const find = (size) => [outputs].flat().find((t) => t.size === size).dataSync();
  const mesh = find(MESH);
  let apart = 0;
  for (let i = 0; i < MESH; i++) apart = Math.max(apart, Math.abs(ours[i] - mesh[i]));
  // Others give the flag as a probability or as a logit.
  const flag = find(1)[0];
  const sigmoid = 1 / (1 + Math.exp(-ours[MESH]));
  const flagApart = Math.min(Math.abs(flag - ours[MESH]), Math.abs(flag - sigmoid));
  console.log(`${name}: mesh ${apart.toExponential(2)} px, flag ${flagApart.toExponential(2)}`);
  worst = Math.max(worst, apart, flagApart);
  crops++;
}
const passed = crops > 0 && worst <= LIMIT_PX;
console.log(`${crops} crops, at most ${worst.toExponential(2)} px apart: ${passed ? "passed" : "FAILED"}`);
process.exit(passed ? 0 : 1);
