package showback

// Meter is what was metered, as the bill writes it. Meters are the distinct
// values that meaning is given to; Rate and Description are part of a meter on
// AI rows only, since they would split other services' meters without need.
type Meter struct {
	ProductCode   string
	BillingEntity string // AWS, AWS Marketplace, …
	UsageType     string
	Operation     string
	Unit          string // pricing unit: 1K tokens, Units, Hrs, …
	ServiceCode   string
	ProductFamily string
	Region        string // product region code
	ProductName   string // product attribute product_name
	Provider      string // product attributes of Bedrock rows
	Model         string
	InferenceType string
	Feature       string
	PurchaseTerm  string // pricing_term: OnDemand, Reserved, …
	Rate          string // unblended rate as text
	Description   string
}

// Meaning is what a rule says of a meter. Empty text means that the rule knows
// the meter to have no such thing (a guardrail has no model).
type Meaning struct {
	AI bool
	// Known is false for an AI meter that no rule knows: unclassified, never
	// dropped, never guessed.
	Known bool
	// Inference reports a call of a model: the only charges that carry a caller.
	Inference    bool
	Service      string // the product's name, else its code
	Provider     string // Anthropic, Amazon, Meta, …
	Model        string // as a person says it: Claude Sonnet 4.6
	TokenType    string // input, output, cache read, cache write 5m, cache write 1h, …
	PricingModel string // on-demand, batch, flex, priority, latency-optimized, provisioned, reserved, …
	Route        string // in-region, geo, global
	// Multiplier turns a billed quantity into single tokens; 0 where the
	// meter does not count tokens.
	Multiplier int64
}
