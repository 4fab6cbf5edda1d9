package ce

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
)

// token says where an answer goes on: it belongs to one request and one
// version of the ledger.
type token struct {
	Request []byte // digest of the request without its token
	Version int
	From    int // groups that earlier pages had
}

func digest(in *GetCostAndUsageRequest) ([]byte, error) {
	plain := *in
	plain.NextPageToken = ""
	text, err := json.Marshal(plain)
	if err != nil {
		return nil, fmt.Errorf("encode request: %w", err)
	}
	sum := sha256.Sum256(text)
	return sum[:16], nil
}

// readToken returns how many groups earlier pages had.
func readToken(in *GetCostAndUsageRequest, version int) (int, error) {
	if in.NextPageToken == "" {
		return 0, nil
	}
	var t token
	text, err := base64.RawURLEncoding.DecodeString(in.NextPageToken)
	if err != nil || json.Unmarshal(text, &t) != nil || t.From <= 0 {
		return 0, &Error{Code: codeInvalidToken, Message: "The pagination token is invalid. Try again without a pagination token."}
	}
	own, err := digest(in)
	if err != nil {
		return 0, err
	}
	switch {
	case string(own) != string(t.Request):
		return 0, &Error{Code: codeRequestChanged, Message: "Your request parameters changed between pages. Try again with the old parameters or without a pagination token."}
	case t.Version != version:
		return 0, &Error{Code: codeInvalidToken, Message: "The bill has changed since the first page. Try again without a pagination token."}
	}
	return t.From, nil
}

// cut leaves of an answer the groups of one page, from the from-th on. A span
// that has none of them is left out, but of the first page if it has no group
// at all.
func cut(out *GetCostAndUsageResponse, in *GetCostAndUsageRequest, from, most, version int) error {
	all := 0
	for _, r := range out.ResultsByTime {
		all += len(r.Groups)
	}
	if from > 0 && from >= all {
		return &Error{Code: codeInvalidToken, Message: "The pagination token is invalid. Try again without a pagination token."}
	}
	if all <= most {
		return nil
	}
	results := []ResultByTime{}
	at := 0
	for _, r := range out.ResultsByTime {
		first, last := at, at+len(r.Groups)
		at = last
		switch {
		case len(r.Groups) == 0:
			if first < from || first >= from+most {
				continue
			}
		case last <= from || first >= from+most:
			continue
		default:
			r.Groups = r.Groups[max(from-first, 0):min(from+most-first, last-first)]
		}
		results = append(results, r)
	}
	out.ResultsByTime = results
	if from+most < all {
		own, err := digest(in)
		if err != nil {
			return err
		}
		text, err := json.Marshal(token{own, version, from + most})
		if err != nil {
			return fmt.Errorf("encode token: %w", err)
		}
		out.NextPageToken = base64.RawURLEncoding.EncodeToString(text)
	}
	return nil
}
