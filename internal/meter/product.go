package meter

import (
	"strings"

	"showback"
)

// aiProduct tells that a charge belongs to an AI product. Any one condition that
// is set suffices, and a charge is AI when any product takes it.
type aiProduct struct {
	// code is the beginning of a product code or service code.
	code string
	// family is the whole product family.
	family string
	// name is a part of the product's name, in lower case.
	name string
	// operations are whole line item operations.
	operations []string
}

// aiProducts are the products that count as AI.
//
// Bedrock bills under AmazonBedrock, AmazonBedrockService,
// AmazonBedrockFoundationModels and AmazonBedrockAgentCore when AWS is the
// seller, and as "… (Amazon Bedrock Edition)" under an opaque code when AWS
// Marketplace is (CUDOS v5, field "Bedrock Resource Group"). CUDOS asks for the
// billing entity too; exports without that column must come out the same, and no
// other product has these names. The family "Amazon Bedrock" is on Bedrock's
// rows under every code. The operations are Bedrock's own since 2026-01-15 and
// tell Marketplace rows in an export without the product map.
var aiProducts = []aiProduct{{
	code:       "AmazonBedrock",
	family:     "Amazon Bedrock",
	name:       "bedrock",
	operations: []string{"InvokeModelInference", "InvokeModelStreamingInference"},
}}

func isAI(m showback.Meter) bool {
	for _, p := range aiProducts {
		if p.takes(m) {
			return true
		}
	}
	return false
}

func (p aiProduct) takes(m showback.Meter) bool {
	switch {
	case p.code != "" && (strings.HasPrefix(m.ProductCode, p.code) || strings.HasPrefix(m.ServiceCode, p.code)):
		return true
	case p.family != "" && strings.EqualFold(m.ProductFamily, p.family):
		return true
	case p.name != "" && strings.Contains(strings.ToLower(m.ProductName), p.name):
		return true
	}
	for _, op := range p.operations {
		if m.Operation == op {
			return true
		}
	}
	return false
}

// isMarketplaceCode reports whether the product code is the opaque id of a
// Marketplace product: 20 or more small letters and digits, at least one of them
// a digit. AWS's own codes are words.
func isMarketplaceCode(m showback.Meter) bool {
	if m.BillingEntity != "" && m.BillingEntity != "AWS Marketplace" {
		return false
	}
	digit := false
	for _, c := range []byte(m.ProductCode) {
		switch {
		case c >= '0' && c <= '9':
			digit = true
		case c < 'a' || c > 'z':
			return false
		}
	}
	return digit && len(m.ProductCode) >= 20
}

// isAgentCore reports a meter of Bedrock AgentCore, whose usage types have a
// grammar of their own: USE1-Runtime:Consumption-based:vCPU.
func isAgentCore(m showback.Meter) bool {
	const code = "AmazonBedrockAgentCore"
	return m.ProductCode == code || m.ServiceCode == code || strings.Contains(m.UsageType, ":Consumption-based:")
}
