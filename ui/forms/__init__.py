"""model -> form -> model: forms made from the fields of the model. Type, range, unit and help are all read from it."""

from ui.forms.choice import ChoiceForm
from ui.forms.editors import NumberBox
from ui.forms.form import Form
from ui.forms.slider import LogSlider

__all__ = ["ChoiceForm", "Form", "LogSlider", "NumberBox"]
