package meter

import (
	"strings"

	"showback"
)

// rule tells meters by phrases in squashed text (see squash). All conditions
// that are set must hold.
type rule struct {
	token string // the token type

	usage     []string // one of these is in the usage type, model included
	meter     []string // one of these is in the usage type after the model
	also      []string // one of these is in there too
	not       []string // none of these is in the usage type after the model
	name      []string // one of these is in the model's or the product's name
	agentCore bool     // the meter is AgentCore's

	model     bool // the meter bills a model, which has a name
	inference bool // it is a call of a model
	tokenless bool // it counts something else than tokens, whatever its unit says
}

// rules are tried in order; the first that holds wins. The order is that of
// CUDOS v5 ("Bedrock Resource Type"), so that cache comes before input
// ("CacheReadInputTokenCount" holds "input") and what is no inference comes
// before all tokens. Where the rules differ from CUDOS, they say more:
//
//   - batch is a pricing model and not a token type;
//   - an embedding model is also told by its product's name, since Marketplace
//     bills it as InputTokenCount;
//   - text tokens of a speech model are input and output, a sixtieth of the
//     price of its speech tokens;
//   - images and seconds that a text model is given are image, video or audio,
//     and not input, because they are no tokens.
var rules = []rule{
	{token: "provisioned throughput", usage: []string{"modelunits", "provisionedthroughput"}, model: true},
	{token: "custom model import storage", usage: []string{"custommodelimportstorage"}},
	{token: "custom model import", usage: []string{"custommodelimport"}},
	{token: "customization storage", usage: []string{"customizationstorage"}, model: true},
	{token: "customization training", usage: []string{"customization", "rfttraining", "rfthours"}, model: true},
	{token: "reserved input", meter: []string{"reserved"}, also: []string{"input"}, model: true},
	{token: "reserved output", meter: []string{"reserved"}, also: []string{"output"}, model: true},

	{token: "guardrail", usage: []string{"guardrail"}},
	{token: "AgentCore evaluation", usage: []string{"evaluation"}, agentCore: true},
	{token: "evaluation", usage: []string{"evaluation"}},
	{token: "flow", usage: []string{"invokeflow", "bedrockflow"}},
	{token: "prompt optimization", usage: []string{"optimizeprompt", "promptoptimiz"}},
	{token: "prompt routing", usage: []string{"promptrout"}},
	{token: "web grounding", usage: []string{"novagrounding"}, model: true},
	{token: "AgentCore web search", usage: []string{"websearchtool"}},
	{token: "web search", usage: []string{"websearch"}},
	{token: "structured retrieval", usage: []string{"generatesql", "structuredretriev"}},
	{token: "search unit", usage: []string{"searchunit"}, model: true, inference: true, tokenless: true},
	{token: "data automation", usage: []string{"dataautomation"}},
	{token: "knowledge base", usage: []string{"knowledgebase"}},

	{token: "AgentCore code interpreter vCPU", usage: []string{"codeinterpreter"}, meter: []string{"vcpu"}, agentCore: true},
	{token: "AgentCore code interpreter memory", usage: []string{"codeinterpreter"}, meter: []string{"memory"}, agentCore: true},
	{token: "AgentCore browser vCPU", usage: []string{"browser"}, meter: []string{"vcpu"}, agentCore: true},
	{token: "AgentCore browser memory", usage: []string{"browser"}, meter: []string{"memory"}, agentCore: true},
	{token: "AgentCore runtime vCPU", usage: []string{"runtime"}, meter: []string{"vcpu"}, agentCore: true},
	{token: "AgentCore runtime memory", usage: []string{"runtime"}, meter: []string{"memory"}, agentCore: true},
	{token: "AgentCore runtime", usage: []string{"runtime"}, agentCore: true},
	{token: "AgentCore gateway", usage: []string{"gateway"}, agentCore: true},
	{token: "AgentCore short-term memory", usage: []string{"shorttermmemory"}, agentCore: true},
	{token: "AgentCore long-term memory", usage: []string{"longtermmemory", "ltmstorage", "ltmretrieval"}, agentCore: true},
	{token: "AgentCore policy", usage: []string{"policyconsumption"}, agentCore: true},
	{token: "data transfer", usage: []string{"datatransfer", "outbytes", "inbytes"}},

	{token: "video", usage: []string{"novareel"}, model: true, inference: true, tokenless: true},
	{token: "video", meter: []string{"i2v", "t2v"}, model: true, inference: true, tokenless: true},
	{token: "image", usage: []string{"novacanvas", "imagegenerator"}, model: true, inference: true, tokenless: true},
	{token: "image", meter: []string{"createdimage", "t2i", "i2i"}, model: true, inference: true, tokenless: true},
	{token: "speech", meter: []string{"speech"}, model: true, inference: true},
	{token: "speech", usage: []string{"sonic"}, not: []string{"text", "cache"}, model: true, inference: true},
	{token: "embedding", usage: []string{"embed"}, not: []string{"output", "cache"}, model: true, inference: true},
	{token: "embedding", name: []string{"embed"}, meter: []string{"input"}, not: []string{"cache"}, model: true, inference: true},
	{token: "video", meter: []string{"video"}, not: []string{"token"}, model: true, inference: true, tokenless: true},
	{token: "image", meter: []string{"image"}, not: []string{"token"}, model: true, inference: true, tokenless: true},
	{token: "audio", meter: []string{"audio"}, not: []string{"token"}, model: true, inference: true, tokenless: true},

	{token: "cache read", meter: []string{"cacheread"}, model: true, inference: true},
	{token: "cache write 1h", meter: []string{"cachewrite"}, also: []string{"1h"}, model: true, inference: true},
	{token: "cache write 30m", meter: []string{"cachewrite"}, also: []string{"30m"}, model: true, inference: true},
	// AWS names no lifetime where it is the default of five minutes.
	{token: "cache write 5m", meter: []string{"cachewrite"}, model: true, inference: true},
	{token: "input", meter: []string{"input"}, model: true, inference: true},
	{token: "output", meter: []string{"output", "response"}, model: true, inference: true},
}

// ruleOf returns the rule of a meter by its usage type; where that says nothing,
// by the label of a Marketplace row ("Million Response Tokens Global" beside the
// usage type USE1-MP:USE1_Usage-Units) and by AWS's attribute inferenceType.
func ruleOf(m showback.Meter, u usage) (rule, bool) {
	if u.blank {
		return rule{}, false
	}
	f := facts{all: u.all, meter: u.meter, agentCore: isAgentCore(m)}
	if f.agentCore || f.meter == "" {
		f.meter = u.all
	}
	f.names = squash(m.Model) + "\n" + squash(m.ProductName)
	for _, text := range []string{"", u.label, squash(m.InferenceType)} {
		if text != "" {
			f.all, f.meter = text, text
		}
		for _, r := range rules {
			if r.holds(f) {
				return r, true
			}
		}
	}
	return rule{}, false
}

// facts is what rules look at.
type facts struct {
	all, meter, names string
	agentCore         bool
}

func (r rule) holds(f facts) bool {
	return (!r.agentCore || f.agentCore) &&
		!(r.inference && f.agentCore) && // AgentCore calls no model; its evaluations have input and output too
		(len(r.usage) == 0 || containsAny(f.all, r.usage)) &&
		(len(r.meter) == 0 || containsAny(f.meter, r.meter)) &&
		(len(r.also) == 0 || containsAny(f.meter, r.also)) &&
		(len(r.name) == 0 || containsAny(f.names, r.name)) &&
		!containsAny(f.meter, r.not)
}

func containsAny(s string, phrases []string) bool {
	for _, p := range phrases {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}

// terms are the pricing models, told by the first phrase found in what follows
// the model's name. (CUDOS v5, "Bedrock Pricing Model", in its order.) What
// names no terms is on-demand; a long context is part of the usage type only.
var terms = []struct{ phrase, pricing string }{
	{"provisionedthroughput", "provisioned"},
	{"modelunits", "provisioned"},
	{"reserved", "reserved"},
	{"customization", "customization"},
	{"rfttraining", "customization"},
	{"rfthours", "customization"},
	{"custommodelimport", "custom model import"},
	{"batch", "batch"},
	{"flex", "flex"},
	{"priority", "priority"},
	{"latencyoptimized", "latency-optimized"},
}

func pricingOf(u usage) string {
	for _, t := range terms {
		if strings.Contains(u.meter, t.phrase) || strings.Contains(u.label, t.phrase) {
			return t.pricing
		}
	}
	return "on-demand"
}

// routeOf says how a model call was routed. The usage type names only routes
// other than the plain one (_Global, -cross-region-geo); a Marketplace label may
// tell more ("Regional CRIS": cross-region inference inside a geography). In a
// bill that names no route the call is in-region: newer Claude models bill
// in-region and geographic calls by one usage type at one price, so this is the
// price that applied, not proof of where the call ran.
func routeOf(u usage) string {
	text := u.meter + "\n" + u.label
	switch {
	case strings.Contains(text, "global"):
		return "global"
	case containsAny(text, []string{"geo", "crossregion", "cris"}):
		return "geo"
	}
	return "in-region"
}
