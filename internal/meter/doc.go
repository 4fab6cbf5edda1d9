// Package meter says what a meter means: whether it belongs to an AI product,
// which provider and model it bills, what it counts, on which terms, and how
// many single tokens one billed unit is.
//
// The rules are tables (product.go, rules.go, family.go), so that a new product,
// meter or model is a row. A meter that no rule knows is said to be unknown; it
// is never guessed and never dropped.
//
// It must never do I/O, read a clock or keep state: the same meter always has
// the same meaning.
//
// What the tables know of AWS comes from these, all public:
//
//   - AWS, "Understanding your Amazon Bedrock Cost and Usage Report data",
//     2026-09: the documented grammar of usage types.
//   - AWS, Cloud Intelligence Dashboards, CUDOS v5 definition, 2026-08: which
//     charges are Bedrock's, the order in which token types and pricing models
//     are told apart, the three systems of units.
//   - AWS price list, offers AmazonBedrock, AmazonBedrockService,
//     AmazonBedrockFoundationModels and AmazonBedrockAgentCore, us-east-1 and
//     us-west-2, read between 2026-07 and 2026-10: usage types, units and
//     descriptions as they are.
package meter
