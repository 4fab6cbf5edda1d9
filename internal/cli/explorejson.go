package cli

import (
	"time"

	"showback"
	"showback/internal/explore"
)

// The JSON of explore. It is a contract: fields are only added. Dates are ISO
// days and ends are not included; amounts are strings with every digit; what
// has no value is null with the cause beside it.
type (
	answerJSON struct {
		Question     questionJSON  `json:"question"`
		ComparedWith *periodJSON   `json:"compared_with"` // null when nothing is
		Version      int           `json:"version"`       // of the store
		Freshness    freshnessJSON `json:"freshness"`
		Blocks       []blockJSON   `json:"blocks"` // one for each currency
		Bill         []billJSON    `json:"bill"`
		Notes        []noteJSON    `json:"notes"`
	}
	questionJSON struct {
		Period      periodJSON             `json:"period"`
		Granularity explore.Granularity    `json:"granularity"`
		By          []string               `json:"by"`    // as typed
		Where       string                 `json:"where"` // canonical; empty for none
		Basis       showback.Basis         `json:"basis"`
		Measures    []explore.Measure      `json:"measures"`
		Charges     []showback.ChargeClass `json:"charges"` // the classes counted
		Scope       explore.Scope          `json:"scope"`
		TagView     explore.TagView        `json:"tag_view"`
		Top         int                    `json:"top"`  // 0 for all
		Sort        []string               `json:"sort"` // empty for the order by span and cost
	}
	periodJSON struct {
		Start string `json:"start"`
		End   string `json:"end"` // not included
	}
	freshnessJSON struct {
		BilledTo *string `json:"billed_to"` // last day billed, included; null for none
		Open     bool    `json:"open"`
	}
	blockJSON struct {
		Currency string       `json:"currency"`
		Rows     []rowJSON    `json:"rows"`
		Total    figuresJSON  `json:"total"`
		Previous *figuresJSON `json:"previous"`
		Changes  *changesJSON `json:"changes"`
		Classes  []classJSON  `json:"classes"`
	}
	rowJSON struct {
		Start      string    `json:"start"`
		End        string    `json:"end"`
		Keys       []keyJSON `json:"keys"`
		Others     int       `json:"others"` // rows folded into this one; 0 for an ordinary row
		Incomplete bool      `json:"incomplete"`
		figuresJSON
		ComparedWith *periodJSON      `json:"compared_with"` // the span beside; null when there is none
		Presence     explore.Presence `json:"presence,omitempty"`
		Previous     *figuresJSON     `json:"previous"`
		Changes      *changesJSON     `json:"changes"`
	}
	keyJSON struct {
		Key   string           `json:"key"`
		Value *string          `json:"value"`
		Cause showback.Missing `json:"cause,omitempty"`
	}
	figuresJSON struct {
		Charges  int64       `json:"charges"`
		Cost     *figureJSON `json:"cost,omitempty"`
		Tokens   *figureJSON `json:"tokens,omitempty"`
		Quantity *figureJSON `json:"quantity,omitempty"`
		UnitCost *figureJSON `json:"unit_cost,omitempty"`
	}
	figureJSON struct {
		Value *showback.Decimal `json:"value"`
		Cause showback.Missing  `json:"cause,omitempty"`
		Unit  string            `json:"unit,omitempty"`
	}
	// Changes of the measures asked for, from the period compared with.
	changesJSON struct {
		Cost     *changeJSON `json:"cost,omitempty"`
		Tokens   *changeJSON `json:"tokens,omitempty"`
		Quantity *changeJSON `json:"quantity,omitempty"`
		UnitCost *changeJSON `json:"unit_cost,omitempty"`
	}
	changeJSON struct {
		Difference *showback.Decimal `json:"difference"`
		Percent    *showback.Decimal `json:"percent"`
		Cause      showback.Missing  `json:"cause,omitempty"` // why one of them is null
	}
	classJSON struct {
		Class showback.ChargeClass `json:"class"`
		Cost  figureJSON           `json:"cost"`
	}
	billJSON struct {
		Currency string           `json:"currency"`
		AI       showback.Decimal `json:"ai"`
		All      showback.Decimal `json:"all"`
		Basis    showback.Basis   `json:"basis"`
	}
	noteJSON struct {
		Code string `json:"code"`
		Text string `json:"text"`
	}
)

func jsonAnswer(a *explore.Answer) answerJSON {
	q := a.Question
	out := answerJSON{
		Question: questionJSON{
			Period: jsonPeriod(q.Period), Granularity: q.Granularity, By: []string{}, Where: explore.Format(q.Filter),
			Basis: q.Basis, Measures: q.Measures, Charges: q.Classes, Scope: q.Scope, TagView: q.TagView, Top: q.Top, Sort: []string{},
		},
		Version:   a.Version,
		Freshness: freshnessJSON{Open: a.Open},
		Blocks:    []blockJSON{}, Bill: []billJSON{}, Notes: []noteJSON{},
	}
	if len(q.Classes) == 0 {
		out.Question.Charges = showback.ChargeClasses
	}
	for _, k := range q.By {
		out.Question.By = append(out.Question.By, k.Typed)
	}
	for _, s := range q.Sort {
		out.Question.Sort = append(out.Question.Sort, s.String())
	}
	if !a.ComparedWith.Empty() {
		p := jsonPeriod(a.ComparedWith)
		out.ComparedWith = &p
	}
	if !a.BilledTo.IsZero() {
		day := a.BilledTo.Format(time.DateOnly)
		out.Freshness.BilledTo = &day
	}
	for _, b := range a.Blocks {
		out.Blocks = append(out.Blocks, jsonBlock(q, b))
	}
	for _, l := range a.Bill {
		out.Bill = append(out.Bill, billJSON{Currency: l.Currency, AI: l.AI, All: l.All, Basis: billBasis})
	}
	for _, n := range a.Notes {
		out.Notes = append(out.Notes, noteJSON(n))
	}
	return out
}

func jsonPeriod(p showback.Period) periodJSON {
	return periodJSON{p.Start.Format(time.DateOnly), p.End.Format(time.DateOnly)}
}

func jsonBlock(q explore.Question, b explore.Block) blockJSON {
	out := blockJSON{Currency: b.Currency, Rows: []rowJSON{}, Total: jsonFigures(q, b.Total), Classes: []classJSON{}}
	if b.Previous != nil {
		f := jsonFigures(q, *b.Previous)
		out.Previous, out.Changes = &f, jsonChanges(q, b.Total, *b.Previous)
	}
	for _, r := range b.Rows {
		row := rowJSON{
			Start: startText(q.Granularity, r.Start), End: startText(q.Granularity, r.End), Keys: []keyJSON{},
			Others: r.Others, Incomplete: r.Incomplete, figuresJSON: jsonFigures(q, r.Figures), Presence: r.Presence(),
		}
		if !r.Beside.Empty() {
			row.ComparedWith = &periodJSON{startText(q.Granularity, r.Beside.Start), startText(q.Granularity, r.Beside.End)}
		}
		for i, v := range r.Keys {
			key := keyJSON{Key: q.By[i].Typed, Cause: v.Missing}
			if v.Missing == "" {
				key.Value = &v.Text
			}
			row.Keys = append(row.Keys, key)
		}
		if r.Previous != nil {
			f := jsonFigures(q, *r.Previous)
			row.Previous, row.Changes = &f, jsonChanges(q, r.Figures, *r.Previous)
		}
		out.Rows = append(out.Rows, row)
	}
	for _, c := range b.Classes {
		out.Classes = append(out.Classes, classJSON{c.Class, *jsonFigure(figure{Figure: explore.Figure{Value: c.Cost, Missing: c.Missing}})})
	}
	return out
}

// jsonFigures has the measures that were asked for.
func jsonFigures(q explore.Question, f explore.Figures) figuresJSON {
	out := figuresJSON{Charges: f.Charges}
	for _, m := range q.Measures {
		value := jsonFigure(figureOf(f, m))
		switch m {
		case explore.Cost:
			out.Cost = value
		case explore.Tokens:
			out.Tokens = value
		case explore.Quantity:
			out.Quantity = value
		case explore.UnitCost:
			out.UnitCost = value
		}
	}
	return out
}

// jsonChanges has the changes of the measures that were asked for.
func jsonChanges(q explore.Question, now, previous explore.Figures) *changesJSON {
	out := &changesJSON{}
	for _, m := range q.Measures {
		c := explore.ChangeOf(m, now, previous)
		change := &changeJSON{Cause: c.Percent.Missing}
		if c.Difference.Missing == "" {
			change.Difference = &c.Difference.Value
		}
		if c.Percent.Missing == "" {
			change.Percent = &c.Percent.Value
		}
		switch m {
		case explore.Cost:
			out.Cost = change
		case explore.Tokens:
			out.Tokens = change
		case explore.Quantity:
			out.Quantity = change
		case explore.UnitCost:
			out.UnitCost = change
		}
	}
	return out
}

func jsonFigure(f figure) *figureJSON {
	if f.Missing != "" {
		return &figureJSON{Cause: f.Missing}
	}
	return &figureJSON{Value: &f.Value, Unit: f.unit}
}
