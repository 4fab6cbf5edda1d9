package cli

import (
	"time"

	"showback"
	"showback/internal/explore"
	"showback/internal/forecast"
)

// The JSON of forecast: a contract like that of explore. What is forecast is an
// estimate, what is billed exact.
type (
	outlookJSON struct {
		Question outlookQuestionJSON `json:"question"`
		Version  int                 `json:"version"`
		Level    int                 `json:"level"`
		BilledTo string              `json:"billed_to"`
		Learnt   periodJSON          `json:"learnt"`
		Forecast periodJSON          `json:"forecast"`
		Blocks   []outlookBlockJSON  `json:"blocks"`
		Notes    []noteJSON          `json:"notes"`
	}
	outlookQuestionJSON struct {
		Granularity explore.Granularity    `json:"granularity"`
		By          []string               `json:"by"`
		Where       string                 `json:"where"`
		Basis       showback.Basis         `json:"basis"`
		Charges     []showback.ChargeClass `json:"charges"`
		Scope       explore.Scope          `json:"scope"`
		TagView     explore.TagView        `json:"tag_view"`
		Top         int                    `json:"top"`
	}
	outlookBlockJSON struct {
		Currency string             `json:"currency"`
		Whole    outlookGroupJSON   `json:"whole"`
		Groups   []outlookGroupJSON `json:"groups"`
	}
	outlookGroupJSON struct {
		Keys   []keyJSON        `json:"keys"`
		Others int              `json:"others"`
		Rows   []estimateJSON   `json:"rows"`
		Total  *estimateRowJSON `json:"total"`
		Cause  string           `json:"cause,omitempty"` // why there is none
	}
	estimateJSON struct {
		Start string `json:"start"`
		End   string `json:"end"`
		estimateRowJSON
	}
	estimateRowJSON struct {
		Billed showback.Decimal `json:"billed"`
		Mean   showback.Decimal `json:"mean"`
		Lower  showback.Decimal `json:"lower"`
		Upper  showback.Decimal `json:"upper"`
		Once   showback.Decimal `json:"once_a_month"`
	}

	backtestJSON struct {
		Question outlookQuestionJSON `json:"question"`
		Version  int                 `json:"version"`
		Learnt   periodJSON          `json:"learnt"`
		Blocks   []backtestBlockJSON `json:"blocks"`
	}
	backtestBlockJSON struct {
		Currency string      `json:"currency"`
		Series   int         `json:"series"`
		Scores   []scoreJSON `json:"scores"`
	}
	scoreJSON struct {
		Method  forecast.Method  `json:"method"`
		Target  string           `json:"target"`
		Count   int              `json:"forecasts"`
		MAE     showback.Decimal `json:"mae"`
		Percent showback.Decimal `json:"error_percent"`
		MASE    showback.Decimal `json:"mase"`
		Pinball showback.Decimal `json:"pinball_percent"`
		Covered []coverJSON      `json:"covered"`
	}
	coverJSON struct {
		Level   int              `json:"level"`
		Percent showback.Decimal `json:"percent"`
	}
)

func jsonOutlookQuestion(q explore.Question) outlookQuestionJSON {
	out := outlookQuestionJSON{
		Granularity: q.Granularity, By: []string{}, Where: explore.Format(q.Filter), Basis: q.Basis,
		Charges: q.Classes, Scope: q.Scope, TagView: q.TagView, Top: q.Top,
	}
	if len(q.Classes) == 0 {
		out.Charges = showback.ChargeClasses
	}
	for _, k := range q.By {
		out.By = append(out.By, k.Typed)
	}
	return out
}

func jsonOutlook(o *outlook) outlookJSON {
	out := outlookJSON{
		Question: jsonOutlookQuestion(o.question), Version: o.version, Level: o.level, BilledTo: o.billedTo.Format(time.DateOnly),
		Learnt: jsonPeriod(o.question.Period), Forecast: jsonPeriod(showback.Period{Start: o.start, End: o.end}),
		Blocks: []outlookBlockJSON{}, Notes: []noteJSON{},
	}
	for _, b := range o.blocks {
		block := outlookBlockJSON{Currency: b.currency, Whole: o.jsonGroup(b.groups[0]), Groups: []outlookGroupJSON{}}
		for _, g := range b.groups[1:] {
			block.Groups = append(block.Groups, o.jsonGroup(g))
		}
		out.Blocks = append(out.Blocks, block)
	}
	for _, n := range o.notes {
		out.Notes = append(out.Notes, noteJSON(n))
	}
	return out
}

func (o *outlook) jsonGroup(g outlookGroup) outlookGroupJSON {
	out := outlookGroupJSON{Keys: []keyJSON{}, Others: g.others, Rows: []estimateJSON{}}
	for i, v := range g.keys {
		key := keyJSON{Key: o.question.By[i].Typed, Cause: v.Missing}
		if v.Missing == "" {
			key.Value = &v.Text
		}
		out.Keys = append(out.Keys, key)
	}
	if g.failed != nil {
		out.Cause = g.failed.Error()
		return out
	}
	for _, r := range g.rows {
		p := jsonPeriod(r.Period)
		out.Rows = append(out.Rows, estimateJSON{p.Start, p.End, jsonEstimate(r)})
	}
	total := jsonEstimate(g.total)
	out.Total = &total
	return out
}

func jsonEstimate(r forecast.Row) estimateRowJSON {
	return estimateRowJSON{r.Billed, r.Mean, r.Lower, r.Upper, r.Once}
}

func jsonBacktest(o *outlook, blocks []scoreBlock) backtestJSON {
	out := backtestJSON{Question: jsonOutlookQuestion(o.question), Version: o.version, Learnt: jsonPeriod(o.question.Period), Blocks: []backtestBlockJSON{}}
	for _, b := range blocks {
		block := backtestBlockJSON{Currency: b.currency, Series: b.series, Scores: []scoreJSON{}}
		for _, s := range b.scores {
			score := scoreJSON{s.Method, s.Target, s.Count, s.MAE, s.Percent, s.MASE, s.Pinball, []coverJSON{}}
			for i, c := range s.Covered {
				score.Covered = append(score.Covered, coverJSON{forecast.Levels[i], c})
			}
			block.Scores = append(block.Scores, score)
		}
		out.Blocks = append(out.Blocks, block)
	}
	return out
}
