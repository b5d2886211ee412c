// Music that fits words: node discover.mjs WORDS [MOOD]
const url = process.env.HARMONIE_URL ?? "http://127.0.0.1:8842";
const [input, mood] = process.argv.slice(2);
if (!input) {
  console.error("say what to look for");
  process.exit(2);
}
const response = await fetch(`${url}/api/discover`, {
  method: "POST",
  headers: {
    "Content-Type": "application/json",
    "X-API-Key": process.env.HARMONIE_API_KEY ?? "",
  },
  body: JSON.stringify({ input, mood, limit: 8 }),
});
const answer = await response.json();
if (!answer.success) {
  console.error(`${answer.error.code}: ${answer.error.message}`);
  process.exit(1);
}
for (const hit of answer.results) {
  console.log(`${hit.relevance_score.toFixed(2)}  ${hit.artist} - ${hit.name}: ${hit.recommendation_reason}`);
}
